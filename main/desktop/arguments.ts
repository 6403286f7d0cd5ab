import type { Parse } from './ipc.ts'

/** Longer texts are no file names, titles or addresses. */
const maxText = 4096
/** What a page may have written to a file at once: 64 MB, a full log buffer. */
const maxFile = 64 << 20

export const none: Parse<[]> = args => {
  if (args.length > 0) throw new TypeError('no arguments expected')
  return []
}

export const oneText: Parse<[string]> = ([value, ...rest]) => {
  if (rest.length > 0) throw new TypeError('one argument expected')
  return [text(value, 'the argument')]
}

export const openOptions: Parse<[{ title: string; extensions: string[] }]> = ([value, ...rest]) => {
  const { title, extensions } = record(value, rest)
  if (!Array.isArray(extensions) || extensions.length > 20) throw new TypeError('extensions must be a short list')
  const names = extensions.map(extension => text(extension, 'an extension'))
  if (!names.every(name => /^\w{1,10}$/.test(name))) throw new TypeError('an extension is letters and digits')
  return [{ title: text(title, 'title'), extensions: names }]
}

/** The name is one name, not a path: the user chooses where it goes. */
export const saveOptions: Parse<[{ title: string; name: string; text: string }]> = ([value, ...rest]) => {
  const { title, name, text: content } = record(value, rest)
  if (typeof content !== 'string' || content.length > maxFile)
    throw new TypeError('text must be a text of at most 64 MB')
  const base = text(name, 'name')
    .replace(/[/\\:*?"<>|\p{Cc}]/gu, '_')
    .replace(/^\.+/, '')
  return [{ title: text(title, 'title'), name: base || 'podbay.txt', text: content }]
}

function record(value: unknown, rest: unknown[]): Record<string, unknown> {
  if (rest.length > 0 || typeof value !== 'object' || value === null) throw new TypeError('one object expected')
  return value as Record<string, unknown>
}

function text(value: unknown, what: string): string {
  if (typeof value !== 'string' || value.length > maxText) throw new TypeError(`${what} must be a short text`)
  return value
}
