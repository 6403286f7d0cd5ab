import { existsSync, readdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { holdsOnly } from '../apiserver/tls/kubeconfig.ts'
import { removeContainers, stopContainers } from '../teardown.ts'
import type { Config } from '../config.ts'
import { readRunning } from './running.ts'

/** Ends the engine, if one runs, and stops the cluster's containers. Objects stay; the next `up` starts the pods again. */
export async function down(config: Config): Promise<void> {
  await endEngine(config)
  await stopContainers(config)
  console.log(`cluster ${config.name} is down`)
}

/** What an engine writes into its data directory, or leaves there when it is killed. Other files are not ours and stay. */
const files =
  /^(store\.db(-wal|-shm)?|lock(\.\d+)?|engine\.json(\.new)?|engine\.log(\.1)?|settings\.json(\.new)?|window-server\.json(\.new)?|config\.yaml|(kubeconfig|pulled-images\.json)(\.[-0-9a-f]{36})?|pki|manifests|seccomp|kept-logs)$/

/** Removes every container, network, volume and file of a cluster, and nothing else. */
export async function remove(config: Config): Promise<void> {
  await endEngine(config)
  await removeContainers(config)
  removeKubeconfig(config)
  const { dataDir } = config
  if (existsSync(dataDir)) {
    for (const name of readdirSync(dataDir)) if (files.test(name)) rmSync(join(dataDir, name), { recursive: true })
    if (readdirSync(dataDir).length === 0) rmdirSync(dataDir)
    else console.log(`${dataDir} has files that are not the cluster's; they stay`)
  }
  console.log(`cluster ${config.name} is deleted`)
}

/** One that holds other clusters, or was never ours, stays. */
function removeKubeconfig({ kubeconfig, name }: Config): void {
  if (!existsSync(kubeconfig)) return
  if (holdsOnly(name, readFileSync(kubeconfig, 'utf8'))) rmSync(kubeconfig)
  else console.log(`${kubeconfig} holds more than cluster ${name}; it stays`)
}

function terminate(pid: number): void {
  try {
    process.kill(pid, 'SIGTERM')
  } catch (error) {
    // It has ended by itself meanwhile.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

async function endEngine({ dataDir }: Config): Promise<void> {
  const engine = readRunning(dataDir)
  if (!engine) return
  terminate(engine.pid)
  for (let tries = 0; readRunning(dataDir)?.pid === engine.pid; tries++) {
    if (tries === 100) throw new Error(`the engine (pid ${engine.pid}) does not end; end it and try again`)
    await wait(100)
  }
}
