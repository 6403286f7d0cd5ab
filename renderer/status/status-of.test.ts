import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../../shared/api/object.ts'
import { now, podOf } from '../testing/objects.ts'
import { statusOf } from './status-of.ts'
import type { StatusContext } from './status.ts'

const failing = podOf({ container: { state: { waiting: { reason: 'CrashLoopBackOff' } } }, ready: false })
const replicaSet = { kind: 'ReplicaSet', apiVersion: 'apps/v1', metadata: { name: 'api-1', uid: 'rs' } }

function contextOf(pods: KubeObject[], endpoints?: { ready: number; total: number }): StatusContext {
  const children: Record<string, KubeObject[]> = { deploy: [replicaSet], rs: pods }
  return { now, children: uid => children[uid] ?? [], endpoints: () => endpoints }
}

const deployment = (spec: object, status: object): KubeObject =>
  ({
    kind: 'Deployment',
    apiVersion: 'apps/v1',
    metadata: { name: 'api', uid: 'deploy', generation: 1 },
    spec,
    status,
  }) as KubeObject
const settled = { observedGeneration: 1, replicas: 3, updatedReplicas: 3, availableReplicas: 3, readyReplicas: 3 }

describe('a Deployment', () => {
  it('is available with all its replicas', () => {
    expect(statusOf(deployment({ replicas: 3 }, settled), contextOf([]))).toEqual({ mark: 'ok', word: 'Available' })
  })
  it('is stuck when its rollout has failing pods, also before the deadline', () => {
    const moving = { ...settled, updatedReplicas: 1 }
    expect(statusOf(deployment({ replicas: 3 }, moving), contextOf([failing]))).toEqual({
      mark: 'err',
      word: 'RolloutStuck',
    })
  })
  it('is on its way while replicas are replaced', () => {
    const moving = { ...settled, updatedReplicas: 1 }
    expect(statusOf(deployment({ replicas: 3 }, moving), contextOf([podOf()]))?.mark).toBe('pend')
  })
  it('is off when it is scaled to 0', () => {
    expect(statusOf(deployment({ replicas: 0 }, { observedGeneration: 1 }), contextOf([]))?.word).toBe('ScaledToZero')
  })
})

describe('a Service', () => {
  const service = {
    kind: 'Service',
    apiVersion: 'v1',
    metadata: { name: 'api', uid: 's' },
    spec: { selector: { app: 'api' } },
  }
  it.each([
    [{ ready: 2, total: 2 }, 'ok', 'Active'],
    [{ ready: 1, total: 2 }, 'warn', 'ShortOfEndpoints'],
    [{ ready: 0, total: 0 }, 'err', 'NoEndpoints'],
  ])('with endpoints %o is %s', (endpoints, mark, word) => {
    expect(statusOf(service, contextOf([], endpoints))).toEqual({ mark, word })
  })
})

describe('a Node', () => {
  const node = (ready: string, spec: object = {}): KubeObject =>
    ({
      kind: 'Node',
      apiVersion: 'v1',
      metadata: { name: 'bay-1', uid: 'n' },
      spec,
      status: { conditions: [{ type: 'Ready', status: ready }] },
    }) as KubeObject
  it('is told by its Ready condition and its cordon', () => {
    expect(statusOf(node('True'), contextOf([]))).toEqual({ mark: 'ok', word: 'Ready' })
    expect(statusOf(node('True', { unschedulable: true }), contextOf([]))).toEqual({
      mark: 'warn',
      word: 'Ready',
      note: 'cordoned',
    })
    expect(statusOf(node('Unknown'), contextOf([]))?.mark).toBe('err')
  })
})

describe('other kinds', () => {
  const custom = (status: object): KubeObject =>
    ({ kind: 'Widget', apiVersion: 'example.com/v1', metadata: { name: 'w', uid: 'w' }, status }) as KubeObject
  it('are read from their conditions', () => {
    expect(
      statusOf(custom({ conditions: [{ type: 'Ready', status: 'False', reason: 'NoQuota' }] }), contextOf([])),
    ).toEqual({ mark: 'err', word: 'NoQuota' })
  })
  it('have no state when they have no conditions', () => {
    expect(statusOf(custom({}), contextOf([]))).toBeUndefined()
  })
})
