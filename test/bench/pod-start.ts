import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { CoreV1Api, KubeConfig } from '@kubernetes/client-node'
import Docker from 'dockerode'
import { podbay, startEngine } from '../helpers/engine.ts'
import { createKubectl } from '../helpers/kubectl.ts'
import { eventually } from '../helpers/eventually.ts'
import { abreast, endBare, startBare, type BarePod } from './bare-pods.ts'
import { containerEvents, type ContainerEvents } from './container-events.ts'
import { median, timed, type Row } from './measure.ts'
import { cpuShare, resident } from './process-cost.ts'

const rounds = 8
const bursts = 3
const burst = 30
/** More calls at a time make Docker slower: six to eight were the best of 1 to 30 on two cores. */
const bareAtOnce = 8
const many = 100
/** How long the engine is left alone before and while its idle cost is read. */
const settle = 15_000
const idle = 20_000

const image = 'podbay.test/shell:1'
const command = ['sh', '-c', 'trap exit TERM; sleep 2147483647 & wait']
const name = `bench-${process.pid}`
const label = `podbay.cluster=${name}`
const namespace = 'default'

interface Bench {
  api: CoreV1Api
  docker: Docker
  events: ContainerEvents
  /** Makes and ends a pod by bare calls, in the cluster's own network. */
  bare: Parameters<typeof startBare>[0]
}

/**
 * Pods against the same containers by bare Docker calls (image present): from the request to create them to the start of
 * the last container, and from the request to delete them to its removal. Ours and bare ones take turns, so that both
 * meet the same moods of the machine.
 */
export async function benchPodStart(): Promise<Row[]> {
  const directory = await mkdtemp(join(tmpdir(), 'podbay-bench-'))
  const dataDir = join(directory, 'data')
  const engine = await startEngine({ name, dataDir })
  const docker = new Docker()
  using events = await containerEvents(docker, label)
  try {
    const kubectl = createKubectl(engine.kubeconfig)
    await kubectl.ok(['wait', `node/${name}-node`, '--for=create', '--timeout=120s'])
    await kubectl.ok(['wait', `node/${name}-node`, '--for=condition=Ready', '--timeout=120s'])
    const config = new KubeConfig()
    config.loadFromFile(engine.kubeconfig)
    const [network] = await docker.listNetworks({ filters: { label: [label] } })
    const bare = { docker, network: network?.Name ?? 'bridge', image, command }
    const bench = { api: config.makeApiClient(CoreV1Api), docker, events, bare }
    return [
      ...(await compare(bench, { pods: 1, rounds })),
      ...(await compare(bench, { pods: burst, rounds: bursts })),
      ...(await crowd(bench, engine.pid)),
    ]
  } finally {
    await engine.end('SIGTERM')
    podbay('delete', '--name', name, '--data-dir', dataDir)
    await rm(directory, { recursive: true, force: true })
  }
}

/** Starts and ends `pods` at once, ours and bare ones in turn. */
async function compare(bench: Bench, { pods, rounds }: { pods: number; rounds: number }): Promise<Row[]> {
  const ours = { start: [] as number[], end: [] as number[] }
  const bare = { start: [] as number[], end: [] as number[] }
  for (let round = 0; round < rounds; round++) {
    const names = Array.from({ length: pods }, (_, index) => `pod-${pods}-${round}-${index}`)
    const made: BarePod[] = []
    const start = async () => made.push(await startBare(bench.bare))
    bare.start.push(await timed(() => abreast(bareAtOnce, names, start)))
    bare.end.push(await timed(() => abreast(bareAtOnce, made, pod => endBare(bench.docker, pod))))
    ours.start.push(await startPods(bench, names))
    ours.end.push(await endPods(bench, names))
  }
  const what = pods === 1 ? 'pod' : `${pods} pods at once`
  const ratio = (part: 'start' | 'end') => median(ours[part]) / median(bare[part])
  return [
    { name: `${what}, bare Docker calls: started`, value: median(bare.start), unit: 'ms' },
    { name: `${what}, created to containers started`, value: median(ours.start), unit: 'ms' },
    { name: `${what}: start against the bare calls`, value: ratio('start'), unit: 'x', aim: '< 1.15' },
    { name: `${what}, bare Docker calls: stopped and removed`, value: median(bare.end), unit: 'ms' },
    { name: `${what}, deleted to containers removed`, value: median(ours.end), unit: 'ms' },
    { name: `${what}: end against the bare calls`, value: ratio('end'), unit: 'x' },
  ]
}

/** What a hundred pods on the node cost. */
async function crowd(bench: Bench, pid: number): Promise<Row[]> {
  await wait(settle)
  const before = resident(pid)
  const names = Array.from({ length: many }, (_, index) => `many-${index}`)
  const took = await startPods(bench, names)
  await eventually(async () => {
    const { items } = await bench.api.listNamespacedPod({ namespace, fieldSelector: 'status.phase=Running' })
    if (items.length < many) throw new Error(`${items.length} of ${many} pods run`)
  })
  await wait(settle)
  const rows = [
    { name: `${many} pods on one node: all started`, value: took / 1000, unit: 's' },
    { name: 'engine CPU when idle with them, share of one core', value: await cpuShare(pid, idle), unit: '%' },
    { name: 'engine resident, for each of them', value: (resident(pid) - before) / many, unit: 'MB', aim: '< 0.3' },
  ]
  await endPods(bench, names)
  return rows
}

/** Milliseconds from the first request to the start of the last container, by the engine's clock. */
async function startPods({ api, events }: Bench, names: string[]): Promise<number> {
  const containers = [{ name: 'c', image, imagePullPolicy: 'Never', command }]
  const spec = { automountServiceAccountToken: false, containers }
  const started = events.after('start', names.length)
  const begin = Date.now()
  await Promise.all(names.map(each => api.createNamespacedPod({ namespace, body: { metadata: { name: each }, spec } })))
  return (await started) - begin
}

/** Milliseconds from the first request to the removal of the last container. */
async function endPods({ api, events }: Bench, names: string[]): Promise<number> {
  const ended = events.after('destroy', 2 * names.length)
  const begin = Date.now()
  await Promise.all(names.map(each => api.deleteNamespacedPod({ namespace, name: each })))
  return (await ended) - begin
}
