import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '../config.ts'
import { readRunning } from './running.ts'

/** Says what runs, in one line. */
export function status({ name, dataDir }: Config): void {
  const engine = readRunning(dataDir)
  if (!engine) {
    console.log(existsSync(join(dataDir, 'store.db')) ? `cluster ${name} is stopped` : `there is no cluster ${name}`)
    return
  }
  const { state, pid, server, kubeconfig, runtime } = engine
  console.log(
    state === 'running'
      ? `cluster ${name} runs: pid=${pid} server=${server} kubeconfig=${kubeconfig} runtime=${runtime}`
      : `cluster ${name} is ${state}: pid=${pid}`,
  )
}
