import type { HorizontalPodAutoscaler, HorizontalPodAutoscalerV1 } from '../../../shared/api/autoscaling.ts'
import { isList, isObject } from '../../../shared/machinery/json-value.ts'
import { cpuMetric, defaultUtilization } from './autoscaler-defaults.ts'
import { goBehavior, readGoBehavior } from './go-behavior.ts'
import { dropRoundTripAnnotations, roundTrip } from './round-trip-annotations.ts'
import { currentFromV1, currentToV1, metricFromV1, metricToV1 } from './v1-metrics.ts'

type V2 = HorizontalPodAutoscaler
type V1 = HorizontalPodAutoscalerV1
type Metric = NonNullable<V2['spec']['metrics']>[number]
type Status = NonNullable<V2['status']>
type Condition = NonNullable<Status['conditions']>[number]

const isCpuShare = (metric: Metric) =>
  metric.type === 'Resource' &&
  metric.resource?.name === 'cpu' &&
  metric.resource.target.averageUtilization !== undefined

/** What v1 has no fields for goes into annotations (pkg/apis/autoscaling/v1/conversion.go). */
export function fromV2(stored: V2): V1 {
  const { spec, status } = stored
  const { scaleTargetRef, minReplicas, maxReplicas, metrics = [], behavior } = spec
  const metadata = { ...stored.metadata }
  dropRoundTripAnnotations(metadata)
  const cpu = metrics.find(isCpuShare)?.resource?.target.averageUtilization
  const others = metrics.filter(metric => !isCpuShare(metric)).map(metricToV1)
  const current = (status?.currentMetrics ?? []).map(currentToV1)
  const conditions = status?.conditions ?? []
  const annotations = {
    ...metadata.annotations,
    ...(others.length > 0 && { [roundTrip.metrics]: JSON.stringify(others) }),
    ...(current.length > 0 && { [roundTrip.currentMetrics]: JSON.stringify(current) }),
    ...(behavior && { [roundTrip.behavior]: JSON.stringify(goBehavior(behavior)) }),
    ...(conditions.length > 0 && { [roundTrip.conditions]: JSON.stringify(conditions) }),
  }
  return {
    apiVersion: 'autoscaling/v1',
    kind: 'HorizontalPodAutoscaler',
    metadata: { ...metadata, ...(Object.keys(annotations).length > 0 && { annotations }) },
    spec: {
      scaleTargetRef,
      maxReplicas,
      ...(minReplicas !== undefined && { minReplicas }),
      ...(cpu !== undefined && { targetCPUUtilizationPercentage: cpu }),
    },
    status: statusFromV2(status),
  }
}

function statusFromV2(status: V2['status']): NonNullable<V1['status']> {
  const { observedGeneration, lastScaleTime, currentReplicas = 0, desiredReplicas = 0 } = status ?? {}
  // Upstream lets the last one win.
  const shares = (status?.currentMetrics ?? []).flatMap(({ type, resource }) =>
    type === 'Resource' && resource?.name === 'cpu' ? (resource.current.averageUtilization ?? []) : [],
  )
  const cpu = shares.at(-1)
  return {
    ...(observedGeneration !== undefined && { observedGeneration }),
    ...(lastScaleTime !== undefined && { lastScaleTime }),
    currentReplicas,
    desiredReplicas,
    ...(cpu !== undefined && { currentCPUUtilizationPercentage: cpu }),
  }
}

/** The reverse; annotations that can't be read count as absent. */
export function toV2(object: V1): V2 {
  const { spec, status } = object
  const { scaleTargetRef, minReplicas, maxReplicas, targetCPUUtilizationPercentage: cpu } = spec
  const read = (name: string) => readJson(object.metadata.annotations?.[name])
  const others = listOf(read(roundTrip.metrics)).map(metricFromV1)
  const metrics = [...others, ...(cpu === undefined ? [] : [cpuMetric(cpu)])]
  const behavior = readGoBehavior(read(roundTrip.behavior))
  const metadata = { ...object.metadata }
  dropRoundTripAnnotations(metadata)
  if (Object.keys(metadata.annotations ?? {}).length === 0) delete metadata.annotations
  return {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata,
    spec: {
      scaleTargetRef,
      maxReplicas,
      ...(minReplicas !== undefined && { minReplicas }),
      metrics: metrics.length > 0 ? metrics : [cpuMetric(defaultUtilization)],
      ...(behavior && { behavior }),
    },
    ...(status && { status: statusToV2(status, read) }),
  }
}

function statusToV2(status: NonNullable<V1['status']>, read: (name: string) => unknown): Status {
  const { currentCPUUtilizationPercentage: averageUtilization, ...rest } = status
  const annotated = listOf(read(roundTrip.currentMetrics)).map(currentFromV1)
  const cpu = { type: 'Resource', resource: { name: 'cpu', current: { averageUtilization } } }
  const currentMetrics =
    annotated.length > 0 ? annotated : averageUtilization === undefined ? [] : [cpu as (typeof annotated)[number]]
  const conditions = listOf(read(roundTrip.conditions)) as unknown as Condition[]
  return { ...rest, ...(currentMetrics.length > 0 && { currentMetrics }), ...(conditions.length > 0 && { conditions }) }
}

const listOf = (value: unknown) => (isList(value) ? value.filter(isObject) : [])

function readJson(text: string | undefined): unknown {
  if (text === undefined) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
