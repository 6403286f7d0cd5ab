import { expect, test } from 'vitest'
import { createFakeClock } from '../../../test/helpers/fake-clock.ts'
import type { Node, Pod } from '../../../shared/api/core.ts'
import type { Taint, Toleration } from '../../../shared/machinery/tolerations.ts'
import { nodeTaints } from './node-taints.ts'
import { evictionTime } from './taint-eviction.ts'
import { createWakefulness } from './wakefulness.ts'

const now = Date.UTC(2026, 0, 1)
const node = (ready: string, spec: Node['spec'] = {}): Node => ({
  metadata: { name: 'n', uid: 'n' },
  spec,
  status: { conditions: [{ type: 'Ready', status: ready }] },
})
const short = (taints: Taint[]) => taints.map(taint => `${taint.key}:${taint.effect}`)

test('conditions and cordoning become taints, and other taints stay', () => {
  const own = { key: 'mine', effect: 'NoExecute' }
  const taints = nodeTaints(node('Unknown', { taints: [own], unschedulable: true }), { evicts: true, now })
  expect(short(taints)).toEqual([
    'mine:NoExecute',
    'node.kubernetes.io/unreachable:NoSchedule',
    'node.kubernetes.io/unschedulable:NoSchedule',
    'node.kubernetes.io/unreachable:NoExecute',
  ])
  expect(taints.at(-1)?.timeAdded).toBe('2026-01-01T00:00:00Z')
  expect(short(nodeTaints(node('True', { taints }), { evicts: true, now }))).toEqual(['mine:NoExecute'])
})

test('a taint that stays keeps its time; while no node is ready nothing is evicted', () => {
  const first = nodeTaints(node('False'), { evicts: true, now })
  expect(nodeTaints(node('False', { taints: first }), { evicts: true, now: now + 60_000 })).toEqual(first)
  expect(short(nodeTaints(node('False', { taints: first }), { evicts: false, now }))).toEqual([
    'node.kubernetes.io/not-ready:NoSchedule',
  ])
})

test('a pod leaves when the shortest toleration in use ends', () => {
  const pod = (tolerations: Toleration[]): Pod => ({
    metadata: { name: 'p', uid: 'p' },
    spec: { containers: [], tolerations: tolerations },
  })
  const taints = [{ key: 'a', effect: 'NoExecute', timeAdded: '2026-01-01T00:00:00Z' }]
  const tainted = node('False', { taints })
  const at = (...tolerations: Toleration[]) => evictionTime(pod(tolerations), tainted)
  expect(at()).toBe(-Infinity)
  expect(at({ key: 'a', operator: 'Exists' })).toBeUndefined()
  expect(at({ key: 'a', operator: 'Exists', tolerationSeconds: 300 })).toBe(now + 300_000)
  expect(
    at({ operator: 'Exists', tolerationSeconds: 60 }, { key: 'a', operator: 'Exists', tolerationSeconds: 300 }),
  ).toBe(now + 60_000)
  expect(evictionTime(pod([]), node('True'))).toBeUndefined()
})

test('a missed appointment is a sleep, one that is kept is not', async () => {
  const clock = createFakeClock()
  const wakefulness = createWakefulness(clock)
  const start = clock.now()
  wakefulness.expect('node a', start + 40_000)
  await clock.advance(40_000)
  expect(wakefulness.since()).toBe(start)
  wakefulness.expect('node a', start + 80_000)
  await clock.jump(3_600_000)
  expect(wakefulness.since()).toBe(clock.now())
  await clock.advance(10_000)
  expect(wakefulness.since()).toBe(clock.now() - 10_000)
})
