import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { startEngine } from '../helpers/engine.ts'
import { createLoad, spread, type Load } from './api-load.ts'
import { median, timed, type Row } from './measure.ts'

const clients = 16
const objects = 10_000
const watchers = 1_000
const place = '/api/v1/namespaces/bench/pods'
const table = 'application/json;as=Table;v=v1;g=meta.k8s.io'

/** What clients get out of the API server over TLS: 10,000 pods of 2 kB, 16 clients, 1,000 watchers. */
export async function benchApi(): Promise<Row[]> {
  const directory = await mkdtemp(join(tmpdir(), 'podbay-bench-'))
  // Nobody schedules or runs these pods: they name a scheduler that does not exist.
  const engine = await startEngine({
    name: 'bench',
    dataDir: join(directory, 'data'),
    flags: ['--runtime', 'simulated'],
  })
  try {
    using load = createLoad(engine.kubeconfig, 4)
    await load.send('POST', '/api/v1/namespaces', { metadata: { name: 'bench' } })
    await hasAccount(load)
    const empty = residentOf(engine.pid)
    const rows = [
      ...(await writes(load)),
      { name: `resident after ${objects} creates`, value: residentOf(engine.pid), unit: 'MB', aim: '< 250' },
      // Before the lists: what they leave free would hide what a watch takes.
      ...(await watches(load, () => residentOf(engine.pid))),
      ...(await reads(load)),
      { name: 'resident after lists', value: residentOf(engine.pid), unit: 'MB' },
      ...(await patches(load)),
      ...(await growth(load)),
    ]
    return [{ name: 'resident, empty', value: empty, unit: 'MB' }, ...rows]
  } finally {
    await engine.end('SIGTERM')
    await rm(directory, { recursive: true, force: true })
  }
}

const rate = (took: readonly number[], elapsed: number) => (took.length / elapsed) * 1_000
const percentile = (values: readonly number[], share: number) =>
  values.toSorted((a, b) => a - b)[Math.ceil(values.length * share) - 1] ?? Number.NaN

async function measured(work: () => Promise<number[]>): Promise<{ perSecond: number; p99: number }> {
  let took: number[] = []
  const elapsed = await timed(async () => (took = await work()))
  return { perSecond: rate(took, elapsed), p99: percentile(took, 0.99) }
}

async function writes(load: Load): Promise<Row[]> {
  const { perSecond, p99 } = await measured(() =>
    spread(objects, clients, index => load.send('POST', place, pod(`pod-${index}`))),
  )
  return [
    { name: 'durable creates', value: perSecond, unit: '/s' },
    { name: 'durable creates, p99', value: p99, unit: 'ms' },
  ]
}

async function reads(load: Load): Promise<Row[]> {
  const get = (index: number) => load.send('GET', `${place}/pod-${index % objects}`)
  const gets = await measured(() => spread(2 * objects, clients, get))
  const list = async (headers: Record<string, string>) => {
    const rounds = []
    for (let round = 0; round < 5; round++) rounds.push(await timed(() => load.send('GET', place, undefined, headers)))
    return median(rounds)
  }
  let writing = true
  const writers = Array.from({ length: clients }, async (_, writer) => {
    for (let index = writer; writing; index += clients) {
      await load.send('PATCH', `${place}/pod-${index % objects}`, note(`w${index}`), merge)
    }
  })
  const beside = await measured(() => spread(objects, 1, get))
  writing = false
  await Promise.all(writers)
  return [
    { name: 'gets', value: gets.perSecond, unit: '/s' },
    { name: `gets beside ${clients} writers, p99`, value: beside.p99, unit: 'ms', aim: '< 10' },
    { name: `list of ${objects}, whole`, value: await list({}), unit: 'ms' },
    { name: `list of ${objects}, as a Table`, value: await list({ accept: table }), unit: 'ms' },
    { name: `list of ${objects}, compressed`, value: await list({ 'accept-encoding': 'gzip' }), unit: 'ms' },
    { name: `list of ${objects}, in pages of 500`, value: await timed(() => pages(load)), unit: 'ms' },
  ]
}

async function pages(load: Load): Promise<void> {
  let token = ''
  do {
    const answer = await load.send('GET', `${place}?limit=500&continue=${encodeURIComponent(token)}`)
    token = (JSON.parse(answer.toString()) as { metadata: { continue?: string } }).metadata.continue ?? ''
  } while (token !== '')
}

async function patches(load: Load): Promise<Row[]> {
  const { perSecond } = await measured(() =>
    spread(objects, clients, index => load.send('PATCH', `${place}/pod-${index}`, note(`p${index}`), merge)),
  )
  return [{ name: 'merge patches', value: perSecond, unit: '/s' }]
}

/** From the answer to a write until the last of all watchers has its event. */
async function watches(load: Load, resident: () => number): Promise<Row[]> {
  const before = resident()
  const { metadata } = JSON.parse((await load.send('GET', `${place}?limit=1`)).toString()) as {
    metadata: { resourceVersion: string }
  }
  let expected = 0
  let arrived = 0
  let all: () => void = () => undefined
  for (let index = 0; index < watchers; index++) {
    await load.watch(`${place}?watch=true&resourceVersion=${metadata.resourceVersion}`, () => {
      if (++arrived === expected) all()
    })
  }
  await wait(1_000)
  const perWatch = ((resident() - before) * 1024) / watchers
  const delays = []
  for (let round = 0; round < 200; round++) {
    arrived = 0
    expected = watchers
    const last = new Promise<void>(resolve => (all = resolve))
    await load.send('PATCH', `${place}/pod-${round}`, note(`v${round}`), merge)
    const answered = performance.now()
    await last
    delays.push(performance.now() - answered)
  }
  return [
    { name: 'resident memory per idle watch', value: perWatch, unit: 'kB', aim: '< 20' },
    { name: `last of ${watchers} watchers, p99`, value: percentile(delays, 0.99), unit: 'ms', aim: '< 10' },
  ]
}

/** Whether a write costs more where there are more objects: ConfigMaps, which no controller looks at. */
async function growth(load: Load): Promise<Row[]> {
  const rows: Row[] = []
  const shelf = '/api/v1/namespaces/bench/configmaps'
  let made = 0
  const fill = async (count: number) =>
    measured(() =>
      spread(count, clients, () =>
        load.send('POST', shelf, { metadata: { name: `c-${made++}` }, data: { text: 'x'.repeat(500) } }),
      ),
    )
  for (const total of [1_000, 10_000, 100_000]) {
    await fill(total - 1_000 - made > 0 ? total - 1_000 - made : 0)
    const { perSecond } = await fill(1_000)
    rows.push({
      name: `creates of small objects beside ${(total - 1_000).toLocaleString('en')} others`,
      value: perSecond,
      unit: '/s',
    })
  }
  return rows
}

const merge = { 'content-type': 'application/merge-patch+json' }
const note = (text: string) => ({ metadata: { annotations: { note: text } } })

/** A pod of about 2 kB. */
function pod(name: string): unknown {
  const env = Array.from({ length: 12 }, (_, index) => ({ name: `VARIABLE_${index}`, value: 'x'.repeat(60) }))
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels: { app: 'bench', tier: `t${name.length}` } },
    spec: { schedulerName: 'none', containers: [{ name: 'main', image: 'registry.example/app:1', env }] },
  }
}

/** Pods need their namespace's account. */
async function hasAccount(load: Load): Promise<void> {
  for (;;) {
    try {
      await load.send('GET', '/api/v1/namespaces/bench/serviceaccounts/default')
      return
    } catch {
      await wait(20)
    }
  }
}

/** Resident memory in MB; read from /proc, so on Linux only. */
function residentOf(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024
}
