import { statSync, watch } from 'node:fs'
import { join } from 'node:path'
import type { Logger } from '../../shared/machinery/log.ts'

/**
 * Calls `removed` once the cluster's data is removed or replaced while the engine runs. SQLite would go on with the files it
 * has open, and everything acknowledged from then on would be gone with the process.
 */
export function watchDataDir({
  dataDir,
  removed,
  log,
}: {
  dataDir: string
  removed: () => void
  log: Logger
}): Disposable {
  const file = join(dataDir, 'store.db')
  const inode = statSync(file).ino
  const look = () => {
    if (statSync(file, { throwIfNoEntry: false })?.ino !== inode) removed()
  }
  try {
    // The file and not the directory: the log and the journal in there are written all the time.
    const watcher = watch(file, look).on('error', error => log.error('the data directory is not watched', { error }))
    return { [Symbol.dispose]: () => watcher.close() }
  } catch (error) {
    // The system's limit on watches is reached.
    log.error('the data directory is not watched', { error })
    return { [Symbol.dispose]: () => undefined }
  }
}
