import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { writePrivately } from '../host/write-privately.ts'
import { lockHolder } from '../store/lock.ts'

/** What a running engine tells other commands about itself, in `engine.json` of its data directory. */
export interface RunningEngine {
  state: 'starting' | 'running' | 'stopping'
  pid: number
  server: string
  kubeconfig: string
  /** Carries the window's token, hence the file's mode 0600. */
  window: string
  runtime: string
}

const fileOf = (dataDir: string) => join(dataDir, 'engine.json')

/** Tells other commands what this engine does now. */
export function writeRunning(dataDir: string, engine: RunningEngine): void {
  writePrivately(fileOf(dataDir), JSON.stringify(engine))
}

/** The engine that runs in a data directory, or undefined. What a crash left behind counts as none. */
export function readRunning(dataDir: string): RunningEngine | undefined {
  const pid = lockHolder(dataDir)
  if (pid === undefined) return undefined
  try {
    const engine = JSON.parse(readFileSync(fileOf(dataDir), 'utf8')) as RunningEngine
    if (engine.pid === pid) return engine
  } catch {
    // It holds the directory and is not ready yet.
  }
  return { state: 'starting', pid, server: '', kubeconfig: '', window: '', runtime: '' }
}
