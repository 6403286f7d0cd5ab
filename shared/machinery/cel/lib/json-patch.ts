import type { Library } from '../functions.ts'

/** A key as a JSON pointer writes it (apiserver/pkg/cel/library/jsonpatch.go). */
export const jsonPatches: Library = {
  'jsonpatch:escapeKey(string) -> string': (key: string) => key.replaceAll('~', '~0').replaceAll('/', '~1'),
}
