import type { ContainerUsage } from '../runtime.ts'
import type { Termination } from '../pod/terminations.ts'
import type { ContainerReading, PodReading } from './readings.ts'

type Labels = Readonly<Record<string, string>>
interface Sample {
  labels: Labels
  value: number
}

/** One family in Prometheus' text format; a counter's or gauge's value for each set of labels. */
function family(type: 'counter' | 'gauge', [name, help]: [string, string], samples: readonly Sample[]): string {
  const escape = (text: string) => text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
  const lines = samples.map(({ labels, value }) => {
    const pairs = Object.entries(labels).map(([key, text]) => `${key}="${escape(text)}"`)
    return `${name}${pairs.length > 0 ? `{${pairs.join(',')}}` : ''} ${value}\n`
  })
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('')}`
}

const seconds = (nanos: number) => nanos / 1e9
const placeOf = ({ pod }: PodReading): Labels => ({ namespace: pod.metadata.namespace ?? '', pod: pod.metadata.name })
const total = (readings: readonly ContainerReading[], of: (usage: ContainerUsage) => number) =>
  readings.reduce((sum, { usage }) => sum + of(usage), 0)
const cpu = ({ cpuNanos }: ContainerUsage) => seconds(cpuNanos)
const workingSet = ({ memory }: ContainerUsage) => memory.workingSetBytes

/** `/metrics/resource` (pkg/kubelet/metrics/collectors/resource_metrics.go). */
export function resourceMetrics(pods: readonly PodReading[]): string {
  const each = (of: (reading: ContainerReading) => number) =>
    pods.flatMap(reading =>
      reading.containers.map(container => ({
        labels: { container: container.record.name, ...placeOf(reading) },
        value: of(container),
      })),
    )
  const perPod = (of: (usage: ContainerUsage) => number) =>
    pods.map(reading => ({ labels: placeOf(reading), value: total(reading.containers, of) }))
  const all = pods.flatMap(({ containers }) => containers)
  const perNode = (of: (usage: ContainerUsage) => number) => [{ labels: {}, value: total(all, of) }]
  const [cpuHelp, memoryHelp] = ['Cumulative cpu time consumed by the', 'Current working set of the']
  return [
    family(
      'counter',
      ['container_cpu_usage_seconds_total', `${cpuHelp} container in core-seconds`],
      each(({ usage }) => cpu(usage)),
    ),
    family(
      'gauge',
      ['container_memory_working_set_bytes', `${memoryHelp} container in bytes`],
      each(({ usage }) => workingSet(usage)),
    ),
    family(
      'gauge',
      ['container_start_time_seconds', 'Start time of the container since unix epoch in seconds'],
      each(({ record }) => record.startedAt / 1000),
    ),
    family('counter', ['node_cpu_usage_seconds_total', `${cpuHelp} node in core-seconds`], perNode(cpu)),
    family('gauge', ['node_memory_working_set_bytes', `${memoryHelp} node in bytes`], perNode(workingSet)),
    family('counter', ['pod_cpu_usage_seconds_total', `${cpuHelp} pod in core-seconds`], perPod(cpu)),
    family('gauge', ['pod_memory_working_set_bytes', `${memoryHelp} pod in bytes`], perPod(workingSet)),
    family(
      'gauge',
      ['resource_scrape_error', '1 if there was an error while getting container metrics, 0 otherwise'],
      [{ labels: {}, value: 0 }],
    ),
  ].join('')
}

/** `/metrics/cadvisor`: those of cadvisor's families that dashboards and autoscalers read. */
export function cadvisorMetrics(pods: readonly PodReading[], machine: { cores: number; memory: number }): string {
  const each = (of: (usage: ContainerUsage) => number) =>
    pods.flatMap(reading =>
      reading.containers.map(({ record, usage }) => ({
        labels: { container: record.name, id: `/docker/${record.id}`, image: record.image, ...placeOf(reading) },
        value: of(usage),
      })),
    )
  const perInterface = (of: (network: NonNullable<ContainerUsage['network']>) => number) =>
    pods.flatMap(reading =>
      reading.network ? [{ labels: { interface: 'eth0', ...placeOf(reading) }, value: of(reading.network) }] : [],
    )
  return [
    family('counter', ['container_cpu_usage_seconds_total', 'Cumulative cpu time consumed in seconds.'], each(cpu)),
    family(
      'gauge',
      ['container_memory_usage_bytes', 'Current memory usage in bytes.'],
      each(({ memory }) => memory.usageBytes),
    ),
    family(
      'gauge',
      ['container_memory_rss', 'Size of RSS in bytes.'],
      each(({ memory }) => memory.rssBytes),
    ),
    family('gauge', ['container_memory_working_set_bytes', 'Current working set in bytes.'], each(workingSet)),
    family(
      'gauge',
      ['container_processes', 'Number of processes running.'],
      each(({ processes }) => processes),
    ),
    family(
      'counter',
      ['container_network_receive_bytes_total', 'Cumulative count of bytes received'],
      perInterface(({ rxBytes }) => rxBytes),
    ),
    family(
      'counter',
      ['container_network_transmit_bytes_total', 'Cumulative count of bytes transmitted'],
      perInterface(({ txBytes }) => txBytes),
    ),
    family('gauge', ['machine_cpu_cores', 'Number of logical CPU cores.'], [{ labels: {}, value: machine.cores }]),
    family(
      'gauge',
      ['machine_memory_bytes', 'Amount of memory installed on the machine.'],
      [{ labels: {}, value: machine.memory }],
    ),
  ].join('')
}

/** `/metrics`: what the kubelet tells of itself. */
export function kubeletMetrics({
  node,
  pods,
  containers,
  terminations,
}: {
  node: string
  pods: number
  containers: Map<string, number>
  terminations: Iterable<Termination>
}): string {
  const states = [...containers].map(([state, value]) => ({ labels: { container_state: state }, value }))
  const ends = [...terminations].map(({ type, exitCode, reason, count }) => ({
    labels: { container_type: type, exit_code: String(exitCode), reason },
    value: count,
  }))
  return [
    family('gauge', ['kubelet_node_name', "The node's name. The count is always 1."], [{ labels: { node }, value: 1 }]),
    family(
      'gauge',
      ['kubelet_running_pods', 'Number of pods that have a running pod sandbox'],
      [{ labels: {}, value: pods }],
    ),
    family('gauge', ['kubelet_running_containers', 'Number of containers currently running'], states),
    family('counter', ['kubelet_terminated_containers_total', 'Cumulative number of container terminations.'], ends),
  ].join('')
}
