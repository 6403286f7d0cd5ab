import { expect, test } from 'vitest'
import type { Deployment, ReplicaSet } from '../../../shared/api/apps.ts'
import { deploymentStatus } from './deployment-status.ts'
import { isComplete, timesOutIn, withProgress } from './progress.ts'

const start = Date.UTC(2026, 0, 1)

const deployment = (status: Deployment['status'] = {}): Deployment => ({
  metadata: { name: 'web', uid: 'd', generation: 1 },
  spec: { replicas: 3, progressDeadlineSeconds: 600, selector: {}, template: {} },
  status,
})

const replicaSet = (
  available: number,
  conditions: NonNullable<ReplicaSet['status']>['conditions'] = [],
): ReplicaSet => ({
  metadata: { name: 'web-1', uid: 'r' },
  spec: { replicas: 3, selector: {} },
  status: { replicas: 3, readyReplicas: available, availableReplicas: available, conditions },
})

function after(seconds: number, current: ReplicaSet, before: Deployment['status'] = {}) {
  const now = start + seconds * 1000
  const sets = { current, old: [] }
  const status = withProgress(deployment(before), deploymentStatus(deployment(before), sets, now), { ...sets, now })
  const progressing = status.conditions?.find(condition => condition.type === 'Progressing')
  return { status, progressing }
}

test('counts, availability and progress from the first pod to the last', () => {
  const first = after(0, replicaSet(0))
  expect(first.status).toMatchObject({ observedGeneration: 1, replicas: 3, updatedReplicas: 3, unavailableReplicas: 3 })
  expect(first.status.availableReplicas).toBeUndefined()
  expect(first.progressing).toMatchObject({
    status: 'True',
    reason: 'ReplicaSetUpdated',
    message: 'ReplicaSet "web-1" is progressing.',
  })

  const second = after(60, replicaSet(2), first.status)
  expect(second.progressing).toMatchObject({
    lastUpdateTime: '2026-01-01T00:01:00Z',
    lastTransitionTime: '2026-01-01T00:00:00Z',
  })

  const last = after(90, replicaSet(3), second.status)
  expect(isComplete(deployment(), last.status)).toBe(true)
  expect(last.progressing).toMatchObject({
    status: 'True',
    reason: 'NewReplicaSetAvailable',
    message: 'ReplicaSet "web-1" has successfully progressed.',
  })
  expect(last.status.conditions).toContainEqual(
    expect.objectContaining({ type: 'Available', status: 'True', reason: 'MinimumReplicasAvailable' }),
  )
})

test('times out when nothing gets better, and not when it had succeeded before', () => {
  const first = after(0, replicaSet(0))
  expect(timesOutIn(deployment(first.status), start + 1000)).toBe(599_000)
  expect(after(599, replicaSet(0), first.status).progressing?.reason).toBe('ReplicaSetUpdated')
  const late = after(601, replicaSet(0), first.status)
  expect(late.progressing).toMatchObject({
    status: 'False',
    reason: 'ProgressDeadlineExceeded',
    message: 'ReplicaSet "web-1" has timed out progressing.',
  })

  const done = after(0, replicaSet(3))
  expect(after(5000, replicaSet(1), done.status).progressing?.reason).toBe('NewReplicaSetAvailable')
})

test('shows why a ReplicaSet can not make its pods, as long as that lasts', () => {
  const failing = replicaSet(0, [{ type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: 'quota' }])
  const { status } = after(0, failing)
  expect(status.conditions).toContainEqual(
    expect.objectContaining({ type: 'ReplicaFailure', reason: 'FailedCreate', message: 'quota' }),
  )
  expect(after(1, replicaSet(0), status).status.conditions?.some(c => c.type === 'ReplicaFailure')).toBe(false)
})
