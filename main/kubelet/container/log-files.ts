import { createReadStream } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'

/** A file of a node's /var/log, or the names in a directory of it, which end with `/` where they are directories'. */
type LogFile = { names: string[] } | { content: AsyncIterable<Uint8Array> }

/** What a node has in its /var/log. */
export interface LogFiles {
  /** `path` is relative to it; undefined if there is no such file. */
  open(path: string): Promise<LogFile | undefined>
}

/** The files below a directory of the engine's machine in which it alone writes: links are not looked for. */
export function filesIn(root: string): LogFiles {
  return {
    async open(path) {
      const found = join(root, path)
      if (relative(root, found).split(sep)[0] === '..') return undefined
      const known = await stat(found).catch(() => undefined)
      if (known?.isFile()) return { content: contentOf(found) }
      const entries = await readdir(found, { withFileTypes: true }).catch(() => undefined)
      return entries && { names: entries.map(entry => (entry.isDirectory() ? `${entry.name}/` : entry.name)) }
    },
  }
}

/** Opened by whoever reads it, so that nothing stays open where nobody does. */
async function* contentOf(file: string): AsyncIterable<Uint8Array> {
  yield* createReadStream(file)
}

/** Several as one: the names of all, the file of the first that has it. */
export function together(all: readonly LogFiles[]): LogFiles {
  return {
    async open(path) {
      const directories: string[][] = []
      for (const files of all) {
        const found = await files.open(path)
        if (found && 'content' in found) return found
        if (found) directories.push(found.names)
      }
      return directories.length > 0 ? { names: [...new Set(directories.flat())].sort() } : undefined
    },
  }
}
