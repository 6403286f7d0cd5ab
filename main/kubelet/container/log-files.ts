import type { Dirent } from 'node:fs'
import { open, readdir } from 'node:fs/promises'
import { join, posix } from 'node:path'

/** A file of a node's /var/log, or the names in a directory of it, which end with `/` where they are directories'. */
type LogFile = { names: string[] } | { content: AsyncIterable<Uint8Array> }

/** What a node has in its /var/log. */
export interface LogFiles {
  /** `path` is relative to it; undefined if there is no such file. */
  open(path: string): Promise<LogFile | undefined>
}

/** The files below a directory of the engine's machine. Links are not followed. */
export function filesIn(root: string): LogFiles {
  return {
    async open(path) {
      const found = join(root, posix.resolve('/', path))
      try {
        const entries = await readdir(found, { withFileTypes: true })
        return { names: entries.map((entry: Dirent) => (entry.isDirectory() ? `${entry.name}/` : entry.name)) }
      } catch (error) {
        if (!hasCode(error, 'ENOTDIR')) return undefined
      }
      const file = await open(found).catch(() => undefined)
      return file && { content: file.createReadStream() }
    },
  }
}

/** Several as one: the names of all, the file of the first that has it. */
export function together(all: readonly LogFiles[]): LogFiles {
  return {
    async open(path) {
      const found = await Promise.all(all.map(files => files.open(path)))
      const file = found.find(one => one && 'content' in one)
      if (file) return file
      const directories = found.flatMap(one => (one && 'names' in one ? [one.names] : []))
      return directories.length > 0 ? { names: [...new Set(directories.flat())].sort() } : undefined
    },
  }
}

const hasCode = (error: unknown, code: string) => error instanceof Error && 'code' in error && error.code === code
