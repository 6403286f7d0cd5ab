import type { HorizontalPodAutoscaler } from '../../../shared/api/autoscaling.ts'
import { isObject, type JsonObject } from '../../../shared/machinery/json-value.ts'

type Metric = NonNullable<HorizontalPodAutoscaler['spec']['metrics']>[number]
type Current = NonNullable<NonNullable<HorizontalPodAutoscaler['status']>['currentMetrics']>[number]

/*
 * Metrics as the annotations of autoscaling/v1 carry them (k8s.io/api/autoscaling/v1 types.go MetricSpec, MetricStatus):
 * the same facts under flat names. An amount that v1 can't leave out is "0".
 */

/** A metric of v2 in v1's form. */
export const metricToV1 = (metric: Metric): JsonObject => toV1(metric, 'target')

/** What was measured, in v1's form. */
export const currentToV1 = (metric: Current): JsonObject => toV1(metric, 'current')

interface Amount {
  value?: string
  averageValue?: string
  averageUtilization?: number
}

function toV1(metric: Metric | Current, prefix: 'target' | 'current'): JsonObject {
  const { type, object, pods, resource, containerResource, external } = metric
  const [value, averageValue] = [`${prefix}Value`, `${prefix}AverageValue`]
  const amount = (source: { target: Amount } | { current: Amount }) =>
    'target' in source ? source.target : source.current
  // What was measured v1 can never leave out.
  const least = prefix === 'current' ? '0' : undefined
  const ofResource = (source: NonNullable<typeof resource>) => ({
    name: source.name,
    [`${prefix}AverageUtilization`]: amount(source).averageUtilization,
    [averageValue]: amount(source).averageValue ?? least,
  })
  return {
    type,
    object: object && {
      target: object.describedObject,
      metricName: object.metric.name,
      [value]: amount(object).value ?? '0',
      selector: object.metric.selector,
      averageValue: amount(object).averageValue,
    },
    pods: pods && {
      metricName: pods.metric.name,
      [averageValue]: amount(pods).averageValue ?? '0',
      selector: pods.metric.selector,
    },
    resource: resource && ofResource(resource),
    containerResource: containerResource && {
      ...ofResource(containerResource),
      container: containerResource.container,
    },
    external: external && {
      metricName: external.metric.name,
      metricSelector: external.metric.selector,
      [value]: amount(external).value ?? least,
      [averageValue]: amount(external).averageValue,
    },
  }
}

/** A metric of v1 in v2's form. What the annotation lacks stays absent, and validation says so. */
export function metricFromV1(metric: JsonObject): Metric {
  return convert(metric, (source, type) => {
    const { targetValue, targetAverageValue, averageValue = targetAverageValue, targetAverageUtilization } = source
    const kind =
      type === 'resource' || type === 'containerResource'
        ? targetAverageUtilization === undefined
          ? 'AverageValue'
          : 'Utilization'
        : type === 'pods' || (type === 'object' ? averageValue !== undefined : targetValue === undefined)
          ? 'AverageValue'
          : 'Value'
    // v1 can't leave out the value of an object that has an average.
    const value = type === 'object' && averageValue !== undefined && targetValue === '0' ? undefined : targetValue
    const target = defined({ type: kind, value, averageValue, averageUtilization: targetAverageUtilization })
    return { ...common(source), target }
  }) as unknown as Metric
}

/** What was measured, in v2's form. */
export function currentFromV1(metric: JsonObject): Current {
  return convert(metric, source => {
    const { currentValue: value, currentAverageValue, currentAverageUtilization: averageUtilization } = source
    const { averageValue = currentAverageValue } = source
    return { ...common(source), current: defined({ value, averageValue, averageUtilization }) }
  }) as unknown as Current
}

const sources = ['object', 'pods', 'resource', 'containerResource', 'external'] as const
type Source = (typeof sources)[number]

function convert(metric: JsonObject, one: (source: JsonObject, type: Source) => JsonObject): JsonObject {
  const entries = sources.flatMap(type => {
    const source = metric[type]
    return isObject(source) ? [[type, one(source, type)] as const] : []
  })
  return { type: metric['type'], ...Object.fromEntries(entries) }
}

/** What says which metric it is. */
function common({ name, container, target, metricName, metricSelector, selector = metricSelector }: JsonObject) {
  const metric = metricName === undefined ? undefined : defined({ name: metricName, selector })
  return defined({ name, container, describedObject: target, metric })
}

const defined = (object: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined))
