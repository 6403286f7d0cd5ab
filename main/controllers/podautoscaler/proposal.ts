import type { HorizontalPodAutoscaler } from '../../../shared/api/autoscaling.ts'
import type { Pod } from '../../../shared/api/core.ts'
import type { Client } from '../../../shared/client/client.ts'
import { formatQuantity, milliQuantityOf, quantityMilli } from '../../../shared/machinery/quantity.ts'
import { goLabelSelector } from '../go-label-selector.ts'
import { toError } from '../to-error.ts'
import { externalValue, objectValue, podSamples, resourceSamples } from './metrics-apis.ts'
import { replicasFor, replicasForShare, replicasForValue, type Samples, type Tolerances } from './replica-calculator.ts'
import { averageOf, requestsOf, utilizationOf } from './usage.ts'

export type MetricSpec = NonNullable<HorizontalPodAutoscaler['spec']['metrics']>[number]
export type MetricStatus = NonNullable<NonNullable<HorizontalPodAutoscaler['status']>['currentMetrics']>[number]
type Target = NonNullable<MetricSpec['resource']>['target']

/** What an autoscaler scales. */
export interface Situation {
  client: Client
  namespace: string
  /** The text of the selector of the target's pods, and these pods. */
  selector: string
  pods: readonly Pod[]
  /** How many replicas the target asks for, and how many it has. */
  specReplicas: number
  statusReplicas: number
  tolerances: Tolerances
  now: number
}

/** How many replicas one metric asks for. */
export interface Proposal {
  replicas: number
  /** The metric, as events and conditions name it. */
  name: string
  status: MetricStatus
}

/** --horizontal-pod-autoscaler-cpu-initialization-period and -initial-readiness-delay. */
const cpuDelays = { initialization: 300_000, readiness: 30_000 }

/** Puts the words for what was tried before a failure. */
async function trying<T>(what: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (error) {
    throw new Error(`${what}: ${toError(error).message}`, { cause: error })
  }
}

const inMilli = (value: number) => formatQuantity(milliQuantityOf(value))

interface ResourceMetric {
  name: string
  target: Target
  /** Of each pod only this container. */
  container?: string
}

/** By what pods use of a resource, absolutely or of what they ask for (computeStatusForResourceMetricGeneric). */
export function forResource(metric: ResourceMetric, situation: Situation) {
  const { name: resource, target, container } = metric
  return trying(
    `failed to get ${resource} ${target.averageValue === undefined ? 'utilization' : 'usage'}`,
    async () => {
      const { client, namespace, selector, pods } = situation
      const samples = await trying(`unable to get metrics for resource ${resource}`, () =>
        resourceSamples(client, { namespace, selector }, { resource, container }),
      )
      const delays = resource === 'cpu' ? cpuDelays : undefined
      const common = { ...situation, samples, replicas: situation.specReplicas, delays }
      if (target.averageValue !== undefined) {
        const { replicas, average } = perPod(common, quantityMilli(target.averageValue))
        return { replicas, name: `${resource} resource`, current: { averageValue: amountOf(resource, average) } }
      }
      const wanted = target.averageUtilization ?? 0
      const requests = requestsOf(pods, { resource, container })
      const { replicas, counted } = replicasFor({
        ...common,
        ratioOf: some => utilizationOf(some, requests).percent / wanted,
        assumed: pod => Math.trunc(((requests.get(pod) ?? 0) * Math.max(100, wanted)) / 100),
      })
      const { percent, average } = utilizationOf(counted, requests)
      const kind = container === undefined ? 'resource' : 'container resource'
      return {
        replicas,
        name: `${resource} ${kind} utilization (percentage of request)`,
        current: { averageUtilization: percent, averageValue: amountOf(resource, average) },
      }
    },
  )
}

const amountOf = (resource: string, value: number) =>
  resource === 'memory' ? formatQuantity({ ...milliQuantityOf(value), format: 'BinarySI' }) : inMilli(value)

function perPod(common: Omit<Parameters<typeof replicasFor>[0], 'ratioOf' | 'assumed'>, wanted: number) {
  const ratioOf = (some: Samples) => averageOf(some) / wanted
  const { replicas, counted } = replicasFor({ ...common, ratioOf, assumed: () => wanted })
  return { replicas, average: averageOf(counted) }
}

/** By a metric of each pod. */
export async function forPods(
  { metric, target }: NonNullable<MetricSpec['pods']>,
  situation: Situation,
): Promise<Proposal> {
  const { client, namespace, selector, specReplicas } = situation
  const samples = await trying(`unable to get metric ${metric.name}`, () =>
    podSamples(client, { namespace, selector }, metric),
  )
  const common = { ...situation, samples, replicas: specReplicas, delays: undefined }
  const { replicas, average } = perPod(common, quantityMilli(target.averageValue ?? 0))
  const status = { type: 'Pods', pods: { metric, current: { averageValue: inMilli(average) } } }
  return { replicas, name: `pods metric ${metric.name}`, status }
}

/** By a metric of one object. */
export async function forObject(
  { describedObject, metric, target }: NonNullable<MetricSpec['object']>,
  situation: Situation,
): Promise<Proposal> {
  const { client, namespace } = situation
  const { kind, name } = describedObject
  const value = await objectValue(client, { ...describedObject, namespace }, metric).catch((error: unknown) => {
    // As upstream words it, whose arguments are in the wrong order.
    const where = `${kind} on ${namespace} ${name}/${toError(error).message}`
    throw new Error(`unable to get metric ${metric.name}: ${where}`, { cause: error })
  })
  const { replicas, current } = forCommon(value, target, situation)
  return {
    replicas,
    name: target.type === 'Value' ? `${kind} metric ${metric.name}` : nameOfExternal(metric),
    status: { type: 'Object', object: { describedObject, metric, current } },
  }
}

/** By a metric of something outside of the cluster. */
export async function forExternal(
  { metric, target }: NonNullable<MetricSpec['external']>,
  situation: Situation,
): Promise<Proposal> {
  const { client, namespace } = situation
  const about = `unable to get external metric ${namespace}/${metric.name}/${goLabelSelector(metric.selector)}`
  const value = await trying(about, () => externalValue(client, namespace, metric))
  const { replicas, current } = forCommon(value, target, situation)
  return { replicas, name: nameOfExternal(metric), status: { type: 'External', external: { metric, current } } }
}

const nameOfExternal = ({ name, selector }: NonNullable<MetricSpec['external']>['metric']) =>
  `external metric ${name}(${goLabelSelector(selector)})`

/** A value that all pods share: against a target of its own, or each pod's part of it. */
function forCommon(value: number, target: Target, { specReplicas, statusReplicas, tolerances, pods }: Situation) {
  if (target.averageValue !== undefined) {
    const given = { value, target: quantityMilli(target.averageValue), replicas: statusReplicas, tolerances }
    const { replicas, share } = replicasForShare(given)
    return { replicas, current: { averageValue: inMilli(share) } }
  }
  const given = { value, target: quantityMilli(target.value ?? 0), replicas: specReplicas, tolerances, pods }
  return { replicas: replicasForValue(given), current: { value: inMilli(value) } }
}
