import { renameSync, rmSync, writeFileSync } from 'node:fs'

/** Writes a small file that only its owner may read (0600) in one step: a crash leaves the old content or the new. */
export function writePrivately(file: string, text: string): void {
  const fresh = `${file}.new`
  // Not written over: a file that is there keeps its mode.
  rmSync(fresh, { force: true })
  writeFileSync(fresh, text, { mode: 0o600 })
  renameSync(fresh, file)
}
