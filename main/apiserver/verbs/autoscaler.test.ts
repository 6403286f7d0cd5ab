import { expect, test } from 'vitest'
import type { HorizontalPodAutoscaler, HorizontalPodAutoscalerV1 } from '../../../shared/api/autoscaling.ts'
import { startServer } from '../testing/start-server.ts'

const v1 = '/apis/autoscaling/v1/namespaces/default/horizontalpodautoscalers'
const v2 = '/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers'
const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }

test('an autoscaler is one object in both versions', async () => {
  await using s = await startServer()
  await s.send('POST', v1, { metadata: { name: 'a' }, spec: { scaleTargetRef, maxReplicas: 5 } })
  const read = await s.send<HorizontalPodAutoscaler>('GET', `${v2}/a`)
  expect(read.spec.metrics).toEqual([
    { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } },
  ])

  const memory = {
    type: 'Resource',
    resource: { name: 'memory', target: { type: 'AverageValue', averageValue: '1Gi' } },
  }
  await s.send('PUT', `${v2}/a`, { ...read, spec: { ...read.spec, metrics: [...(read.spec.metrics ?? []), memory] } })
  const old = await s.send<HorizontalPodAutoscalerV1>('GET', `${v1}/a`)
  expect(old.spec.targetCPUUtilizationPercentage).toBe(80)
  expect(Object.keys(old.metadata.annotations ?? {})).toEqual(['autoscaling.alpha.kubernetes.io/metrics'])

  // What v1 only carries survives a change made in v1.
  await s.send('PUT', `${v1}/a`, { ...old, spec: { ...old.spec, maxReplicas: 9 } })
  const after = await s.send<HorizontalPodAutoscaler>('GET', `${v2}/a`)
  expect(after.spec.maxReplicas).toBe(9)
  expect(after.spec.metrics).toContainEqual(memory)
  expect(after.metadata.annotations ?? {}).toEqual({})
})

test('v1 is held to the rules of v2', async () => {
  await using s = await startServer()
  const refused = await s.refused('POST', v1, {
    metadata: { name: 'a' },
    spec: { scaleTargetRef, maxReplicas: 1, minReplicas: 3 },
  })
  expect(refused.status.details?.causes).toMatchObject([
    { field: 'spec.maxReplicas', message: 'Invalid value: 1: must be greater than or equal to `minReplicas`' },
  ])
})
