import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { Pod } from '../../../shared/api/core.ts'
import { toTime } from '../../../shared/machinery/clock.ts'
import { replicasFor, replicasForShare, replicasForValue, type Samples } from './replica-calculator.ts'
import { averageOf, requestsOf, utilizationOf } from './usage.ts'

/** A case that upstream tests itself by (replica_calculator_test.go); times are seconds before now, null is year 1. */
interface Case {
  name: string
  currentReplicas: number
  expectedReplicas: number
  error?: string
  at?: number
  tolerances?: [number, number]
  container?: string
  resource?: {
    name: string
    requests: number[]
    levels: [number, number][]
    podNames?: string[]
    target: number
    utilization?: number
    value?: number
  }
  metric?: { type: string; levels: number[]; target: number; usage: number }
  ready?: string[]
  phases?: string[]
  deleted?: boolean[]
  started?: (number | null)[]
}

const now = Date.UTC(2026, 0, 1)
const delays = { initialization: 120_000, readiness: 10_000 }
const timeOf = (seconds: number | null | undefined) =>
  seconds === null || seconds === undefined ? 0 : now + seconds * 1000

const cases = readFileSync(new URL('testdata/replica-calculator.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map(line => JSON.parse(line) as Case)

function podsOf(given: Case): Pod[] {
  const count = Math.max(given.currentReplicas, given.phases?.length ?? 0)
  return Array.from({ length: count }, (_, i): Pod => {
    const request = given.resource?.requests[i]
    const resources = request === undefined ? {} : { requests: { [given.resource?.name ?? '']: `${request}m` } }
    return {
      metadata: {
        name: `test-pod-${i}`,
        uid: `${i}`,
        resourceVersion: '1',
        ...(given.deleted?.[i] && { deletionTimestamp: toTime(now) }),
      },
      spec: { containers: ['container1', 'container2'].map(name => ({ name, resources })) },
      status: {
        phase: given.phases?.[i] ?? 'Running',
        startTime: toTime(timeOf(given.started?.[i])),
        conditions: [{ type: 'Ready', status: given.ready?.[i] ?? 'True' }],
      },
    }
  })
}

function samplesOf(levels: readonly number[], { at, resource }: Case): Samples {
  const nameOf = (i: number) => resource?.podNames?.[i] ?? `test-pod-${i}`
  return new Map(levels.map((value, i) => [nameOf(i), { value, at: timeOf(at), window: 60_000 }]))
}

/** The replicas and what the status tells of the metric. */
function calculate(given: Case): { replicas: number; used?: number[] } {
  const { resource, metric, currentReplicas: replicas, container } = given
  const [up, down] = given.tolerances ?? [0.1, 0.1]
  const common = { replicas, tolerances: { up, down }, pods: podsOf(given) }
  if (resource) {
    const levels = resource.levels.map(([first, second]) => (container ? second : first + second))
    const requests = requestsOf(common.pods, { resource: resource.name, container })
    const most = Math.max(100, resource.target)
    const { counted, ...result } = replicasFor({
      ...common,
      now,
      samples: samplesOf(levels, given),
      delays: resource.name === 'cpu' ? delays : undefined,
      ratioOf: samples => utilizationOf(samples, requests).percent / resource.target,
      assumed: pod => Math.trunc(((requests.get(pod) ?? 0) * most) / 100),
    })
    const { percent, average } = utilizationOf(counted, requests)
    return { ...result, used: [percent, average] }
  }
  const { type = '', levels = [], target = 0 } = metric ?? {}
  if (type === 'pod') {
    const samples = samplesOf(levels, given)
    const ratioOf = (some: Samples) => averageOf(some) / target
    const usage = { samples, delays: undefined, ratioOf, assumed: () => target, now }
    const { counted, ...result } = replicasFor({ ...common, ...usage })
    return { ...result, used: [averageOf(counted)] }
  }
  const value = levels.reduce((total, level) => total + level, 0)
  if (!type.endsWith('PerPod')) return { replicas: replicasForValue({ ...common, value, target }), used: [value] }
  const { share, ...result } = replicasForShare({ ...common, value, target })
  return { ...result, used: [share] }
}

test.each(cases)('$name', given => {
  const { resource, metric, error, expectedReplicas } = given
  if (error !== undefined) {
    expect(() => calculate(given)).toThrow(error)
    return
  }
  const used = resource ? [resource.utilization, resource.value] : [metric?.usage]
  expect(calculate(given)).toEqual({ replicas: expectedReplicas, used })
})

test('a pod asks for what it says as a whole, else for the sum of its containers and sidecars', () => {
  const pod = (name: string, spec: Partial<Pod['spec']>): Pod => ({
    metadata: { name, uid: name, resourceVersion: '1' },
    spec: { containers: [{ name: 'app', resources: { requests: { cpu: '100m' } } }], ...spec },
  })
  const sidecar = { name: 'log', restartPolicy: 'Always', resources: { requests: { cpu: '50m' } } }
  const once = { name: 'setup', resources: { requests: { cpu: '2' } } }
  const all = [
    pod('plain', { initContainers: [sidecar, once] }),
    pod('whole', { resources: { requests: { cpu: '1' } } }),
  ]
  const whole = { resource: 'cpu', container: undefined }
  expect([...requestsOf(all, whole)]).toEqual([
    ['plain', 150],
    ['whole', 1000],
  ])
  expect([...requestsOf(all, { ...whole, container: 'app' }).values()]).toEqual([100, 100])
  expect(() => requestsOf(all, { ...whole, container: 'none' })).toThrow('container none not found in Pod plain')
  expect(() => requestsOf(all, { ...whole, resource: 'memory' })).toThrow(
    'missing request for memory in container app of Pod plain',
  )
})
