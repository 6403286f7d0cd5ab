import { isMap, LineCounter, parseAllDocuments, type Document, type Node } from 'yaml'
import { goYamlTags } from '../../../../shared/machinery/yaml-tags.ts'
import { parseFieldPath } from './field-path.ts'

/** Something that is wrong at a place of the text. Lines and columns from 1. */
export interface Problem {
  message: string
  line: number
  column: number
  endLine: number
  endColumn: number
}

/** One object of a YAML text. */
export interface YamlObject {
  value: Record<string, unknown>
  line: number
  /** Where a field stands, or the deepest of its parents that does. */
  locate(field: string): Omit<Problem, 'message'>
}

/** Aliases that are resolved in one document: enough for people, too few for a bomb. */
const maxAliases = 100

/** The objects of a text with several documents; empty documents are left out. Unreadable ones are problems. */
export function readDocuments(
  text: string,
  words: { notObject: string },
): { objects: YamlObject[]; problems: Problem[] } {
  const lines = new LineCounter()
  const documents = parseAllDocuments(text, {
    // As the server reads YAML: what the window sends means what kubectl would have sent.
    customTags: goYamlTags,
    schema: 'failsafe',
    merge: true,
    lineCounter: lines,
    uniqueKeys: true,
  })
  const objects: YamlObject[] = []
  const problems: Problem[] = []
  const at = (start: number, end: number): Omit<Problem, 'message'> => {
    const [from, to] = [lines.linePos(start), lines.linePos(Math.max(end, start + 1))]
    return { line: from.line, column: from.col, endLine: to.line, endColumn: to.col }
  }

  for (const document of Array.isArray(documents) ? documents : []) {
    const start = document.contents?.range[0] ?? document.range[0]
    for (const { message, pos } of document.errors) {
      problems.push({
        message: message.split('\n')[0]?.replace(/ at line \d+, column \d+:?$/, '') ?? message,
        ...at(pos[0], pos[1]),
      })
    }
    if (document.errors.length > 0 || isEmpty(document)) continue
    if (!isMap(document.contents)) {
      problems.push({ message: words.notObject, ...at(start, start + 1) })
      continue
    }
    objects.push({
      value: document.toJS({ maxAliasCount: maxAliases }) as Record<string, unknown>,
      line: at(start, start).line,
      locate(field) {
        const [from, to] = rangeOf(document, field)
        return at(from, to)
      },
    })
  }
  return { objects, problems }
}

function isEmpty(document: Document.Parsed): boolean {
  const { contents } = document
  return contents === null || ('value' in contents && contents.value === null)
}

/** The key of the field if it is one of a map, else its value; for a field that is not there its parent. */
function rangeOf(document: Document.Parsed, field: string): [number, number] {
  const path = parseFieldPath(field)
  for (let length = path.length; length > 0; length--) {
    const part = path[length - 1]
    const parent = document.getIn(path.slice(0, length - 1), true)
    if (isMap(parent)) {
      const pair = parent.items.find(({ key }) => String((key as { value?: unknown }).value) === String(part))
      const range = (pair?.key as Node | undefined)?.range
      if (range) return [range[0], range[1]]
      continue
    }
    const node = document.getIn(path.slice(0, length), true) as Node | undefined
    if (node?.range) return [node.range[0], node.range[1]]
  }
  const start = document.contents?.range[0] ?? 0
  return [start, start + 1]
}
