import { expect, test } from 'vitest'
import type { Pod } from '../../../shared/api/core.ts'
import { rankForDeletion } from './rank-pods.ts'

const now = Date.UTC(2026, 0, 2)
const ago = (seconds: number) => new Date(now - seconds * 1000).toISOString()

interface Given {
  node?: string
  phase?: string
  readyFor?: number
  age?: number
  cost?: string
  restarts?: number
}

const pod = (
  name: string,
  { node = 'n', phase = 'Running', readyFor, age = 3600, cost, restarts = 0 }: Given,
): Pod => ({
  metadata: {
    name,
    uid: name,
    creationTimestamp: ago(age),
    ...(cost !== undefined && { annotations: { 'controller.kubernetes.io/pod-deletion-cost': cost } }),
  },
  spec: { containers: [], ...(node && { nodeName: node }) },
  status: {
    phase,
    conditions: readyFor === undefined ? [] : [{ type: 'Ready', status: 'True', lastTransitionTime: ago(readyFor) }],
    containerStatuses: [{ name: 'c', image: '', imageID: '', ready: true, restartCount: restarts }],
  },
})

function order(pods: Pod[], related: Record<string, number> = {}) {
  const ranked = rankForDeletion(pods, { related: each => related[each.spec.nodeName ?? ''] ?? 0, now })
  return ranked.map(each => each.metadata.name)
}

test.each<[why: string, first: Given, second: Given]>([
  ['not assigned before assigned', { node: '' }, {}],
  ['pending before running', { phase: 'Pending' }, {}],
  ['not ready before ready', {}, { readyFor: 10 }],
  ['cheaper to delete', { readyFor: 1000, cost: '-5' }, { readyFor: 10, cost: '3' }],
  ['shorter ready, by magnitudes', { readyFor: 10 }, { readyFor: 10_000 }],
  ['more restarts', { readyFor: 100, restarts: 4 }, { readyFor: 100, restarts: 1 }],
  ['younger, by magnitudes', { readyFor: 100, age: 200 }, { readyFor: 100, age: 200_000 }],
])('%s', (_, first, second) => {
  expect(order([pod('b', second), pod('a', first)])).toEqual(['a', 'b'])
  expect(order([pod('a', second), pod('b', first)])).toEqual(['b', 'a'])
})

test('pods on crowded nodes go before those that stand alone', () => {
  const pods = [pod('alone', { node: 'x', readyFor: 10 }), pod('crowded', { node: 'y', readyFor: 100_000 })]
  expect(order(pods, { x: 1, y: 5 })).toEqual(['crowded', 'alone'])
})

test('within one magnitude of age the uid decides, and a wrong cost counts as none', () => {
  expect(order([pod('b', { readyFor: 1000 }), pod('a', { readyFor: 1001 })])).toEqual(['a', 'b'])
  expect(order([pod('b', { cost: '-1' }), pod('a', { cost: '-99999999999' })])).toEqual(['b', 'a'])
})
