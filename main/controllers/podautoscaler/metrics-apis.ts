import type { Client } from '../../../shared/client/client.ts'
import { parseGoDuration } from '../../../shared/machinery/go-duration.ts'
import { quantityMilli } from '../../../shared/machinery/quantity.ts'
import { formatRequirements, requirementsOf, type LabelSelector } from '../../../shared/machinery/selectors.ts'
import { StatusError } from '../../../shared/machinery/status.ts'
import { findResource } from '../scale.ts'
import { toError } from '../to-error.ts'
import type { Sample, Samples } from './replica-calculator.ts'

/** A metric of the custom and the external API. */
export interface NamedMetric {
  name: string
  selector?: LabelSelector
}

/** Where a metric of pods is looked for; `selector` is the text of a label selector. */
interface Where {
  namespace: string
  selector: string
}

interface PodUsage {
  metadata: { name: string }
  timestamp: string
  window: string
  containers: { name: string; usage: Partial<Record<string, string>> }[]
}

interface MetricValue {
  describedObject: { name: string }
  timestamp: string
  windowSeconds?: number
  value: string
}

type Api = 'resource' | 'custom' | 'external'

/** As the API's name goes before an error of it (podautoscaler/metrics/client.go). */
const inWords = (api: Api, why: string, cause?: unknown) =>
  new Error(`unable to fetch metrics from ${api} metrics API: ${why}`, { cause })

/** The items of a list of one of the metrics APIs. Throws if there are none. */
async function itemsOf<T>(
  client: Client,
  { api, path, query, resource }: { api: Api; path: string; query: Record<string, string>; resource: string },
): Promise<T[]> {
  const wanted = Object.fromEntries(Object.entries(query).filter(([, value]) => value !== ''))
  const { items } = await client.transport
    .request<{ items: T[] }>({ method: 'GET', path, query: wanted })
    .catch((error: unknown) => {
      // As client-go words the 404 of a path that nobody serves.
      const isUnserved = error instanceof StatusError && error.code === 404 && !error.status.details?.name
      const unserved = `the server could not find the requested resource (get ${resource})`
      throw inWords(api, isUnserved ? unserved : toError(error).message, error)
    })
  if (items.length === 0) throw new Error(`no metrics returned from ${api} metrics API`)
  return items
}

/** What pods, or one container of each, use of a resource (metrics.k8s.io). */
export async function resourceSamples(
  client: Client,
  { namespace, selector }: Where,
  { resource, container }: { resource: string; container: string | undefined },
): Promise<Samples> {
  const items = await itemsOf<PodUsage>(client, {
    api: 'resource',
    path: `/apis/metrics.k8s.io/v1beta1/namespaces/${namespace}/pods`,
    query: { labelSelector: selector },
    resource: 'pods.metrics.k8s.io',
  })
  const samples = new Map<string, Sample>()
  for (const { metadata, timestamp, window, containers } of items) {
    const counted = containers.filter(({ name }) => container === undefined || name === container)
    const usages = counted.flatMap(({ usage }) => usage[resource] ?? [])
    if (counted.length === 0 || usages.length < counted.length) continue
    const value = usages.map(quantityMilli).reduce((total, each) => total + each, 0)
    samples.set(metadata.name, { value, at: Date.parse(timestamp), window: parseGoDuration(window) })
  }
  return samples
}

/** Newest first, as upstream's client prefers them where the server does not. */
const customVersions = ['v1beta2', 'v1beta1']

/** Where the version of the custom metrics API is that its server prefers. Throws if nobody serves it. */
async function customRoot(client: Client): Promise<string> {
  const path = '/apis/custom.metrics.k8s.io'
  try {
    const group = await client.transport.request<{
      preferredVersion: { version: string }
      versions: { version: string }[]
    }>({ method: 'GET', path })
    const served = [group.preferredVersion, ...group.versions].map(({ version }) => version)
    const version = served.find(each => customVersions.includes(each))
    if (version === undefined) throw inWords('custom', 'no known available metric versions found')
    return `${path}/${version}`
  } catch (error) {
    if (!(error instanceof StatusError) || error.code !== 404) throw error
    throw inWords('custom', 'no custom metrics API (custom.metrics.k8s.io) registered', error)
  }
}

const textOf = ({ selector }: NamedMetric) => (selector ? formatRequirements(requirementsOf(selector)) : '')

async function customItems(
  client: Client,
  path: string,
  { metric, selector }: { metric: NamedMetric; selector: string },
) {
  return itemsOf<MetricValue>(client, {
    api: 'custom',
    path: `${await customRoot(client)}/${path}/${metric.name}`,
    query: { labelSelector: selector, metricLabelSelector: textOf(metric) },
    resource: `${metric.name}.custom.metrics.k8s.io`,
  })
}

/** The window of metrics that do not tell theirs. */
const defaultWindow = 60

/** A metric of each pod (custom.metrics.k8s.io). */
export async function podSamples(
  client: Client,
  { namespace, selector }: Where,
  metric: NamedMetric,
): Promise<Samples> {
  const items = await customItems(client, `namespaces/${namespace}/pods/*`, { metric, selector })
  return new Map(
    items.map(({ describedObject, value, timestamp, windowSeconds = defaultWindow }) => [
      describedObject.name,
      { value: quantityMilli(value), at: Date.parse(timestamp), window: windowSeconds * 1000 },
    ]),
  )
}

/** A metric of one object of this namespace, or of the namespace itself, in thousandths (custom.metrics.k8s.io). */
export async function objectValue(
  client: Client,
  object: { apiVersion?: string; kind: string; name: string; namespace: string },
  metric: NamedMetric,
): Promise<number> {
  const { apiVersion = 'v1', kind, name, namespace } = object
  const [group] = apiVersion.includes('/') ? apiVersion.split('/') : []
  let path = `namespaces/${namespace}/metrics`
  if (kind !== 'Namespace' || group) {
    const { found } = await findResource(client, { apiVersion, kind })
    path = `namespaces/${namespace}/${group ? `${found.name}.${group}` : found.name}/${name}`
  }
  const items = await customItems(client, path, { metric, selector: '' })
  const [item] = items
  if (!item || items.length > 1) {
    const results = `returned ${items.length} results when we asked for exactly one`
    throw inWords('custom', `the custom metrics API server ${results}`)
  }
  return quantityMilli(item.value)
}

/** The sum of a metric of something outside of the cluster, in thousandths (external.metrics.k8s.io). */
export async function externalValue(client: Client, namespace: string, metric: NamedMetric): Promise<number> {
  const items = await itemsOf<{ value: string }>(client, {
    api: 'external',
    path: `/apis/external.metrics.k8s.io/v1beta1/namespaces/${namespace}/${metric.name}`,
    query: { labelSelector: textOf(metric) },
    resource: `${metric.name}.external.metrics.k8s.io`,
  })
  return items.map(({ value }) => quantityMilli(value)).reduce((total, value) => total + value, 0)
}
