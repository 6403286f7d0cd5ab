import { apiVersionOf } from '../../../shared/api/ref.ts'
import { json, type RequestContext, type ServerResponse } from '../request.ts'
import type { Subresources } from '../subresources/subresource.ts'
import { answerDocument, type Document } from './documents.ts'
import type { GroupVersion } from './groups.ts'
import { customDefinitions } from './openapi-custom.ts'
import { operationsOf, type Operation } from './openapi-paths.ts'
import {
  definitionName,
  definitionsFor,
  deleteOptions,
  patchDefinition,
  rootsOf,
  statusDefinition,
} from './openapi-schemas.ts'
import { version } from './version.ts'

const schemaPrefix = '#/components/schemas/'

/** GET /openapi/v3: where each group version's document is; the hash changes with it, so that clients may keep it. */
export function openApiIndex(versions: readonly GroupVersion[], hashOf: (at: GroupVersion) => string): unknown {
  const entries = versions.map((at): [string, unknown] => {
    const place = at.group === '' ? `api/${at.version}` : `apis/${apiVersionOf(at)}`
    const url = `/openapi/v3/${place}`
    // Of another server's document nothing is known.
    return [place, { serverRelativeURL: at.remote ? url : `${url}?hash=${hashOf(at)}` }]
  })
  return { paths: Object.fromEntries(entries) }
}

const year = 365 * 24 * 3600 * 1000

/**
 * Answers with a document. At an address with its hash clients keep it for good; one with another's hash leads there
 * (kube-openapi/pkg/handler3).
 */
export function answerOpenApiV3(context: RequestContext, document: Document): ServerResponse {
  const { path, query } = context.request
  const hash = query.get('hash') ?? ''
  if (hash !== '' && hash !== document.etag) {
    const headers = { location: `${path}?hash=${document.etag}` }
    return { status: 301, headers, body: { value: () => undefined, chunks: () => [] } }
  }
  const answer = answerDocument(context, document, json)
  if (hash === '') return answer
  const expires = new Date(Date.now() + year).toUTCString()
  return { ...answer, headers: { ...answer.headers, 'cache-control': 'public, immutable', expires } }
}

/** GET /openapi/v3/apis/<group>/<version>: what `kubectl explain` and validation read (KEP-2896). */
export function openApiV3(at: GroupVersion, subresources: Subresources): unknown {
  const operations = operationsOf(at, subresources)
  const definitions = definitionsFor(
    rootsOf(
      at.resources,
      operations.map(operation => operation.kind),
    ),
    customDefinitions(at.resources, 'v3'),
  )
  const schemas: unknown = JSON.parse(JSON.stringify(definitions), inVersion3)
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: version.gitVersion },
    paths: pathsOf(operations),
    components: { schemas },
  }
}

/** What may be of either type, which v2 can't say (apimachinery's OpenAPIV3OneOfTypes). */
const eitherType: Readonly<Record<string, readonly string[]>> = {
  'io.k8s.apimachinery.pkg.util.intstr.IntOrString': ['integer', 'string'],
  'io.k8s.apimachinery.pkg.api.resource.Quantity': ['string', 'number'],
}

/** A reference of v2 in v3's place for it; beside other words it must stand in an allOf (OpenAPI 3.0, "Reference Object"). */
function inVersion3(key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  const types = eitherType[key]
  if (types) return { ...value, type: undefined, oneOf: types.map(type => ({ type })) }
  if (!('$ref' in value) || typeof value.$ref !== 'string') return value
  const { $ref, ...rest } = value
  const reference = { $ref: $ref.replace('#/definitions/', schemaPrefix) }
  return Object.keys(rest).length === 0 ? reference : { ...rest, allOf: [reference] }
}

function pathsOf(operations: readonly Operation[]): Record<string, unknown> {
  const byPath = Map.groupBy(operations, operation => operation.path)
  return Object.fromEntries(
    [...byPath].map(([path, own]) => [
      path,
      Object.fromEntries(own.map(operation => [operation.method, operationOf(operation)])),
    ]),
  )
}

function operationOf(operation: Operation): unknown {
  const { action, body, id, kind, parameters } = operation
  const content = bodySchema(operation)
  return {
    operationId: id,
    parameters: parameters.map(({ name, in: place, type }) => ({
      name,
      in: place,
      ...(place === 'path' && { required: true }),
      schema: { type, uniqueItems: true },
    })),
    ...(body && { requestBody: { content: bodyContent(operation, content) } }),
    responses: { 200: { description: 'OK', content: { 'application/json': { schema: answerSchema(operation) } } } },
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': kind,
  }
}

function bodyContent({ body, custom }: Operation, schema: unknown): unknown {
  if (body !== 'patch') return { '*/*': { schema } }
  const types = custom ? patchTypes.filter(type => type !== strategic) : patchTypes
  return Object.fromEntries(types.map(type => [type, { schema }]))
}

const strategic = 'application/strategic-merge-patch+json'
const patchTypes = [
  'application/json-patch+json',
  'application/merge-patch+json',
  strategic,
  'application/apply-patch+yaml',
]

function bodySchema({ body, kind }: Operation): unknown {
  if (body === 'patch') return refTo(patchDefinition)
  return body === 'deleteOptions' ? refTo(deleteOptions) : refTo(definitionName(kind))
}

function answerSchema({ answer, kind }: Operation): unknown {
  if (answer === 'status') return refTo(statusDefinition)
  return refTo(definitionName(answer === 'list' ? { ...kind, kind: `${kind.kind}List` } : kind))
}

/** Kinds without a definition of their own (PodExecOptions) are texts. */
function refTo(name: string | undefined): unknown {
  return name === undefined ? { type: 'string' } : { $ref: schemaPrefix + name }
}
