import { Counter, Gauge, Registry, type MetricType } from 'prom-client'
import type { Resource } from '../../resources/resource.ts'
import type { Store } from '../../store/store.ts'
import { groupResourceOf } from '../../../shared/api/ref.ts'
import { priorityLevelConfigurations, type PriorityLevelConfiguration } from '../../../shared/api/flowcontrol.ts'
import { version } from '../discovery/version.ts'
import { limits, type InFlight } from '../filters/in-flight.ts'
import { prefixOf } from '../registry/key.ts'
import { durationBuckets, type RequestMetrics } from './request-metrics.ts'

/** Where the numbers come from. */
export interface Sources {
  requests: RequestMetrics
  inFlight: InFlight
  store: Pick<Store, 'count' | 'list'>
  resources: () => readonly Resource[]
}

const component = ['component', 'group', 'resource', 'scope', 'subresource', 'verb', 'version'] as const
const labelNames = [...component, 'dry_run'] as const

/** The registry behind GET /metrics: upstream's names and labels, filled from what was counted at the time it is asked. */
export function createExposition({ requests, inFlight, store, resources }: Sources): Registry {
  const registry = new Registry()
  const registers = [registry]
  new Counter({
    name: 'apiserver_request_total',
    help: 'Requests, by what was asked for and the code of the answer.',
    labelNames: [...labelNames, 'code'],
    registers,
    collect() {
      this.reset()
      for (const { labels, codes } of requests.series()) {
        for (const [code, count] of codes) this.inc({ ...labels, code }, count)
      }
    },
  })
  registry.registerMetric(durations(requests))
  new Gauge({
    name: 'apiserver_longrunning_requests',
    help: 'Watches under way.',
    labelNames: component,
    registers,
    collect() {
      this.reset()
      for (const { labels, running } of requests.series()) {
        const { dry_run: _none, ...own } = labels
        if (running > 0) this.set(own, running)
      }
    },
  })
  new Gauge({
    name: 'apiserver_current_inflight_requests',
    help: 'Requests under way that count against the limits.',
    labelNames: ['request_kind'],
    registers,
    collect() {
      const { reading, mutating } = inFlight.counts
      this.set({ request_kind: 'readOnly' }, reading)
      this.set({ request_kind: 'mutating' }, mutating)
    },
  })
  new Gauge({
    name: 'apiserver_flowcontrol_nominal_limit_seats',
    help: 'What a priority level is configured to have of all requests under way; none is held to it.',
    labelNames: ['priority_level'],
    registers,
    async collect() {
      this.reset()
      const { entries } = await store.list(prefixOf(priorityLevelConfigurations))
      const levels = entries.map(({ object }) => object as PriorityLevelConfiguration)
      const all = levels.reduce((sum, level) => sum + sharesOf(level), 0)
      for (const level of levels) {
        const seats = Math.ceil(((limits.reading + limits.mutating) * sharesOf(level)) / (all || 1))
        this.set({ priority_level: level.metadata.name }, seats)
      }
    },
  })
  new Gauge({
    name: 'apiserver_resource_objects',
    help: 'Stored objects by kind.',
    labelNames: ['group', 'resource'],
    registers,
    collect() {
      this.reset()
      for (const { group, resource, count } of stored()) this.set({ group, resource }, count)
    },
  })
  new Gauge({
    name: 'apiserver_storage_objects',
    help: 'Stored objects by kind (deprecated: use apiserver_resource_objects).',
    labelNames: ['resource'],
    registers,
    collect() {
      this.reset()
      for (const ref of stored()) this.set({ resource: groupResourceOf(ref) }, ref.count)
    },
  })
  new Gauge({
    name: 'kubernetes_build_info',
    help: 'The version of Kubernetes that is served; always 1.',
    labelNames: ['major', 'minor', 'git_version', 'platform'],
    registers,
  }).set({ major: version.major, minor: version.minor, git_version: version.gitVersion, platform: version.platform }, 1)
  addProcess(registers)

  const stored = () =>
    resources()
      .filter(({ verbs }) => verbs.includes('list'))
      .map(({ ref }) => ({ ...ref, count: store.count(prefixOf(ref)) }))
  return registry
}

const sharesOf = ({ spec }: PriorityLevelConfiguration) =>
  (spec.type === 'Exempt' ? spec.exempt?.nominalConcurrencyShares : spec.limited?.nominalConcurrencyShares) ?? 0

/** Of this process what costs nothing to know; prom-client's own set would wake an idle engine to watch the event loop. */
function addProcess(registers: Registry[]): void {
  new Gauge({
    name: 'process_resident_memory_bytes',
    help: 'Resident memory.',
    registers,
    collect() {
      this.set(process.memoryUsage.rss())
    },
  })
  new Counter({
    name: 'process_cpu_seconds_total',
    help: 'CPU time, user and system.',
    registers,
    collect() {
      const { user, system } = process.cpuUsage()
      this.reset()
      this.inc((user + system) / 1e6)
    },
  })
  new Gauge({ name: 'process_start_time_seconds', help: 'Start of the process, Unix time.', registers }).set(
    performance.timeOrigin / 1000,
  )
}

/**
 * A histogram whose observations were counted elsewhere. It stands in the registry as a gauge that answers with a
 * histogram's lines: prom-client's own histogram can only observe.
 */
function durations(requests: RequestMetrics): Gauge {
  const name = 'apiserver_request_duration_seconds'
  const own = new Gauge({
    name,
    help: 'Time to answer in seconds; a watch is answered when it begins.',
    labelNames,
    registers: [],
  })
  const get = own.get.bind(own)
  own.get = async () => {
    const values = [...requests.series()].flatMap(({ labels, buckets, sum }) => {
      let count = 0
      const cumulative = [...durationBuckets, '+Inf'].map((le, index) => {
        count += buckets[index] ?? 0
        return { metricName: `${name}_bucket`, labels: { ...labels, le }, value: count }
      })
      return [
        ...cumulative,
        { metricName: `${name}_sum`, labels, value: sum },
        { metricName: `${name}_count`, labels, value: count },
      ]
    })
    const histogram = 'histogram' as unknown as MetricType
    return { ...(await get()), type: histogram, values }
  }
  return own
}
