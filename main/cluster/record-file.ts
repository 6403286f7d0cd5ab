import { readFile } from 'node:fs/promises'
import { writeSecretly } from '../apiserver/tls/write-secretly.ts'
import type { RecordFile } from '../kubelet/images/pull-records.ts'

/** A record in the data directory that only its user may read. */
export function recordFile(path: string): RecordFile {
  return {
    async read() {
      try {
        return await readFile(path, 'utf8')
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
        throw error
      }
    },
    write: text => writeSecretly(path, text),
  }
}
