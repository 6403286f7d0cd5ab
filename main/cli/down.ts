import { existsSync, readdirSync, rmdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { removeContainers, stopContainers } from '../teardown.ts'
import type { Config } from '../config.ts'
import { readRunning } from './running.ts'

/** Ends the engine, if one runs, and stops the cluster's containers. Objects stay; the next `up` starts the pods again. */
export async function down(config: Config): Promise<void> {
  await endEngine(config)
  await stopContainers(config)
  console.log(`cluster ${config.name} is down`)
}

/** What an engine writes into its data directory. Other files there are not ours and stay. */
const files = /^(store\.db(-wal|-shm)?|lock|engine\.json|engine\.log(\.1)?|settings\.json|config\.yaml|kubeconfig|pki)$/

/** Removes every container, network, volume and file of a cluster, and nothing else. */
export async function remove(config: Config): Promise<void> {
  await endEngine(config)
  await removeContainers(config)
  const { dataDir } = config
  if (existsSync(dataDir)) {
    for (const name of readdirSync(dataDir)) if (files.test(name)) rmSync(join(dataDir, name), { recursive: true })
    if (readdirSync(dataDir).length === 0) rmdirSync(dataDir)
    else console.log(`${dataDir} has files that are not the cluster's; they stay`)
  }
  rmSync(config.kubeconfig, { force: true })
  console.log(`cluster ${config.name} is deleted`)
}

async function endEngine({ dataDir }: Config): Promise<void> {
  const engine = readRunning(dataDir)
  if (!engine) return
  process.kill(engine.pid, 'SIGTERM')
  for (let tries = 0; readRunning(dataDir)?.pid === engine.pid; tries++) {
    if (tries === 100) throw new Error(`the engine (pid ${engine.pid}) does not end; end it and try again`)
    await wait(100)
  }
}
