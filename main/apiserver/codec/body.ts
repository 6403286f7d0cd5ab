import { isAlias, isCollection, isScalar, LineCounter, parseDocument, visit, type Document } from 'yaml'
import { goJsonError } from '../../../shared/machinery/go-json-error.ts'
import { copyJson, isObject, maxDepth, maxValues, survey } from '../../../shared/machinery/json-value.ts'
import { badRequest, StatusError, tooLarge, unsupportedMediaType } from '../../../shared/machinery/status.ts'
import { reparseJson } from '../../../shared/machinery/exact-json.ts'
import { duplicateFields } from '../../../shared/machinery/duplicate-fields.ts'
import { headerOf, type ServerRequest } from '../request.ts'
import { decodeProtobuf } from './protobuf.ts'
import { goYamlTags } from '../../../shared/machinery/yaml-tags.ts'

/** Upstream's limit for bodies and patches. */
export const bodyLimit = 3 * 1024 * 1024

/** JSON data from a body, with what strict decoding would complain about in its text. */
export interface Decoded {
  value: unknown
  /** Faults of the text itself, in upstream's words: `duplicate field "spec.replicas"`. */
  textFaults: string[]
}

/**
 * Reads a body in JSON, YAML or Kubernetes' protobuf envelope. `strict` looks for duplicate fields, which costs a second
 * pass. Undefined for an empty body. Throws 400 for a malformed one, 413 for one that is too large, 415 for other types.
 */
export async function readDecoded(
  request: ServerRequest,
  { strict }: { strict: boolean },
): Promise<Decoded | undefined> {
  const { body } = request
  if ('value' in body) {
    assertModest(body.value)
    // The caller keeps its object: what the server works on is its own copy.
    return body.value === undefined ? undefined : { value: copyJson(body.value), textFaults: [] }
  }
  const bytes = await body.read(bodyLimit)
  if (bytes.length === 0) return undefined
  const header = headerOf(request, 'content-type') || 'application/json'
  switch (header.split(';', 1)[0]?.trim().toLowerCase()) {
    case 'application/json':
      return decodeJson(bytes.toString('utf8'), strict)
    case 'application/yaml':
      return yamlDecoded(bytes.toString('utf8'), strict)
    case 'application/vnd.kubernetes.protobuf': {
      const value = decodeProtobuf(bytes)
      assertModest(value)
      return { value, textFaults: [] }
    }
    default:
      throw unsupportedMediaType(
        `the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, application/vnd.kubernetes.protobuf`,
      )
  }
}

const typeUnknown = "couldn't get version/kind; json parse error: "

/** Parses JSON; a fault is a 400 in the words of upstream's decoder, after what `saying` begins with. */
export function decodeJson(text: string, strict: boolean, saying = typeUnknown): Decoded {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw badRequest(`${saying}${goJsonError(text)}`)
  }
  if (assertModest(value).beyondExact) value = reparseJson(text)
  // What is written back as it came says nothing twice, and that is soon seen.
  const repeated = strict && JSON.stringify(value) !== text ? duplicateFields(text) : []
  return { value, textFaults: repeated.map(field => `duplicate field "${field}"`) }
}

/**
 * Throws 400 in the words of Go's decoder for what nests deeper than the server can walk, 413 for more values than it
 * checks. Tells whether there are integers that may not be exact.
 */
export function assertModest(value: unknown): { beyondExact: boolean } {
  const { excess, beyondExact } = survey(value, { levels: maxDepth, values: maxValues })
  if (excess === 'levels') throw badRequest("couldn't get version/kind; json parse error: exceeded max depth")
  if (excess === 'values') throw tooLarge(`Request entity too large: limit is ${maxValues} values`)
  return { beyondExact }
}

function yamlDecoded(text: string, strict: boolean): Decoded {
  const { value, repeated } = decodeYaml(text, strict)
  return { value, textFaults: repeated.map(line => `yaml: unmarshal errors:\n  ${line}`) }
}

interface DecodedYaml {
  value: unknown
  /** Keys that stand twice in a map, as sigs.k8s.io/yaml says it: `line 7: key "foo" already set in map`. */
  repeated: string[]
}

/**
 * The first document of a stream, as upstream reads it. An alias that leads nowhere or makes too much is a fault, too.
 * `strict` looks for repeated keys. Throws 400 and 413.
 */
export function decodeYaml(text: string, strict: boolean): DecodedYaml {
  const decoded = parseYaml(text, strict)
  assertModest(decoded.value)
  return decoded
}

function parseYaml(text: string, strict: boolean): DecodedYaml {
  const lines = new LineCounter()
  const malformed = (why: string) => badRequest(`error converting YAML to JSON: yaml: ${why}`)
  try {
    // The parser's own look for duplicates takes time in the square of a map's size.
    const document = parseDocument(text, {
      customTags: goYamlTags,
      schema: 'failsafe',
      merge: true,
      uniqueKeys: false,
      lineCounter: lines,
    })
    const fault = document.errors.find(({ code }) => code !== 'MULTIPLE_DOCS')
    // The parser works by recursion, and says so where it ends.
    if (fault?.code === 'RESOURCE_EXHAUSTION') throw malformed('exceeded max depth')
    if (fault) throw malformed(firstLine(fault))
    if (hasCollectionKey(document)) throw malformed('invalid map key')
    return { value: document.toJS(), repeated: strict ? repeatedKeys(document, lines) : [] }
  } catch (error) {
    if (error instanceof StatusError) throw error
    throw malformed(error instanceof RangeError ? 'exceeded max depth' : firstLine(error))
  }
}

/** JSON has no form for a map or list as a key. */
function hasCollectionKey(document: Document.Parsed): boolean {
  let found = false
  visit(document, {
    Pair(_, { key }) {
      if (!isCollection(isAlias(key) ? key.resolve(document) : key)) return undefined
      found = true
      return visit.BREAK
    },
  })
  return found
}

const firstLine = (error: unknown) => (error instanceof Error ? (error.message.split('\n', 1)[0] ?? '') : '')

function repeatedKeys(document: Document.Parsed, lines: LineCounter): string[] {
  const faults: string[] = []
  visit(document, {
    Map(_, { items }) {
      const seen = new Set<unknown>()
      for (const { key } of items) {
        if (!isScalar(key)) continue
        if (seen.has(key.value)) {
          const { line } = lines.linePos(key.range?.[0] ?? 0)
          faults.push(`line ${line}: key ${JSON.stringify(key.value)} already set in map`)
        }
        seen.add(key.value)
      }
    },
  })
  return faults
}

/** A body that must be a JSON object. */
export function asObject(value: unknown, kind: string): Record<string, unknown> {
  if (!isObject(value)) throw badRequest(`the object provided is unrecognized (must be of type ${kind})`)
  return value
}
