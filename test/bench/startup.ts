import { mkdtemp, rm } from 'node:fs/promises'
import { request } from 'node:https'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { once } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'
import { startEngine, type Engine } from '../helpers/engine.ts'
import { createKubectl } from '../helpers/kubectl.ts'
import { median, type Row } from './measure.ts'
import { cpuShare, resident } from './process-cost.ts'

const rounds = 5
const objects = 1_000
/** How long the engine is left alone before its idle cost is read. */
const idle = 20_000

/** Process start to `/readyz` ok, empty and with 1,000 objects, and what the engine costs when nothing happens. */
export async function benchStartup(): Promise<Row[]> {
  const directory = await mkdtemp(join(tmpdir(), 'podbay-bench-'))
  try {
    const empty = []
    for (let round = 0; round < rounds; round++) empty.push(await startTime(join(directory, `empty-${round}`)))
    const full = join(directory, 'full')
    await using filled = await run(full)
    await fill(filled)
    await filled.end('SIGTERM')
    const again = []
    for (let round = 0; round < rounds; round++) again.push(await startTime(full))
    await using quiet = await run(full)
    await wait(2_000)
    const cpu = await cpuShare(quiet.pid, idle)
    return [
      { name: 'process start to /readyz, empty data directory', value: median(empty), unit: 'ms', aim: '< 500' },
      { name: `process start to /readyz, ${objects} objects`, value: median(again), unit: 'ms', aim: '< 1000' },
      { name: `engine resident, ${objects} objects, idle`, value: resident(quiet.pid), unit: 'MB', aim: '< 150' },
      { name: 'engine CPU when idle, share of one core', value: cpu, unit: '%' },
    ]
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

type Running = Engine & AsyncDisposable

async function run(dataDir: string): Promise<Running> {
  const engine = await startEngine({ name: 'bench', dataDir, flags: ['--runtime', 'simulated'] })
  return {
    ...engine,
    async [Symbol.asyncDispose]() {
      await engine.end('SIGTERM')
    },
  }
}

async function startTime(dataDir: string): Promise<number> {
  const port = await freePort()
  const start = performance.now()
  const starting = startEngine({
    name: 'bench',
    dataDir,
    flags: ['--runtime', 'simulated', '--secure-port', String(port)],
  })
  while (!(await isReady(port))) await wait(2)
  const took = performance.now() - start
  await (await starting).end('SIGTERM')
  return took
}

function isReady(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const check = request(
      { host: '127.0.0.1', port, path: '/readyz', rejectUnauthorized: false, agent: false },
      response => {
        response.resume()
        resolve(response.statusCode === 200)
      },
    )
    check.on('error', () => resolve(false)).end()
  })
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  return port
}

async function fill({ kubeconfig }: Engine): Promise<void> {
  const items = Array.from({ length: objects }, (_, i) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: `object-${i}`, namespace: 'default' },
    data: { text: 'x'.repeat(1024) },
  }))
  const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items })
  await createKubectl(kubeconfig).ok(['create', '--validate=false', '-f', '-'], list)
}
