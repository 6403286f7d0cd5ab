import type { ContainerStatus, Pod } from '../../../../shared/api/core.ts'
import { ageOf } from '../../../../shared/machinery/duration.ts'
import { ageColumn, nameColumn } from '../../name-column.ts'
import type { Column } from '../../resource.ts'
import { isSidecar } from './pod-spec.ts'

/** The columns of `kubectl get pods` (pkg/printers/internalversion/printers.go printPod). */
export const podColumns: Column<Pod>[] = [
  nameColumn,
  { name: 'Ready', type: 'string', cell: object => summarise(object).ready },
  { name: 'Status', type: 'string', cell: object => summarise(object).reason },
  { name: 'Restarts', type: 'string', cell: printRestarts },
  ageColumn,
  { name: 'IP', type: 'string', priority: 1, cell: ({ status }) => status?.podIPs?.[0]?.ip ?? '<none>' },
  { name: 'Node', type: 'string', priority: 1, cell: ({ spec }) => spec.nodeName || '<none>' },
  { name: 'Nominated Node', type: 'string', priority: 1, cell: ({ status }) => status?.nominatedNodeName || '<none>' },
  { name: 'Readiness Gates', type: 'string', priority: 1, cell: printReadinessGates },
]

interface Summary {
  /** `1/2` */
  ready: string
  /** `Running`, `Init:0/1`, `CrashLoopBackOff`, ... */
  reason: string
  restarts: number
  /** RFC 3339; '' if nothing restarted. */
  lastRestart: string
}

function summarise(object: Pod): Summary {
  const init = summariseInit(object)
  const done = !init.unfinished || conditionOf(object, 'Initialized') === 'True'
  const begun = init.unfinished ?? phaseReason(object)
  const main = done ? summariseMain(object, begun) : undefined
  const restarted = done ? init.sidecars : init.all
  const total = object.spec.containers.length + (object.spec.initContainers ?? []).filter(isSidecar).length
  return {
    ready: `${init.ready + (main?.ready ?? 0)}/${total}`,
    reason: endingReason(object) ?? main?.reason ?? begun,
    restarts: restarted.restarts + (main?.restarts ?? 0),
    lastRestart: later(restarted.lastRestart, main?.lastRestart ?? ''),
  }
}

function phaseReason({ status }: Pod): string {
  const gated = status?.conditions?.some(({ type, reason }) => type === 'PodScheduled' && reason === 'SchedulingGated')
  return gated ? 'SchedulingGated' : status?.reason || (status?.phase ?? '')
}

/** A pod on its way out, unless it has ended already. */
function endingReason({ metadata, status }: Pod): string | undefined {
  if (!metadata.deletionTimestamp) return undefined
  if (status?.reason === 'NodeLost') return 'Unknown'
  return status?.phase === 'Succeeded' || status?.phase === 'Failed' ? undefined : 'Terminating'
}

interface Restarts {
  restarts: number
  lastRestart: string
}

function restartsOf(statuses: ContainerStatus[]): Restarts {
  return {
    restarts: statuses.reduce((sum, status) => sum + status.restartCount, 0),
    lastRestart: statuses.map(status => status.lastState?.terminated?.finishedAt ?? '').reduce(later, ''),
  }
}

/** Times are RFC 3339 in UTC and whole seconds, so text order is time order. */
const later = (a: string, b: string) => (a > b ? a : b)

interface InitSummary {
  ready: number
  /** Of all init containers up to the one at work. */
  all: Restarts
  sidecars: Restarts
  /** The reason shown while initialisation is not done. */
  unfinished: string | undefined
}

function summariseInit({ spec, status }: Pod): InitSummary {
  const containers = spec.initContainers ?? []
  const statuses = status?.initContainerStatuses ?? []
  const sidecarNames = new Set(containers.filter(isSidecar).map(({ name }) => name))
  const sidecar = ({ name }: ContainerStatus) => sidecarNames.has(name)
  const passed = (container: ContainerStatus) =>
    container.state?.terminated?.exitCode === 0 || (sidecar(container) && container.started === true)
  const at = statuses.findIndex(container => !passed(container))
  const seen = at < 0 ? statuses : statuses.slice(0, at + 1)
  const current = statuses[at]
  const running = seen.filter(container => container !== current && container.state?.terminated?.exitCode !== 0)
  return {
    ready: running.filter(({ ready }) => ready).length,
    all: restartsOf(seen),
    sidecars: restartsOf(seen.filter(sidecar)),
    unfinished: current && initReason(current, `Init:${at}/${containers.length}`),
  }
}

function initReason({ state }: ContainerStatus, progress: string): string {
  if (state?.terminated) return `Init:${terminationReason(state.terminated)}`
  const waiting = state?.waiting?.reason
  return waiting && waiting !== 'PodInitializing' ? `Init:${waiting}` : progress
}

function terminationReason({
  reason,
  signal,
  exitCode,
}: {
  reason?: string
  signal?: number
  exitCode: number
}): string {
  return reason || (signal ? `Signal:${signal}` : `ExitCode:${exitCode}`)
}

/** The first container that waits or has ended gives the reason; without one it stays as it was `begun`. */
function summariseMain(object: Pod, begun: string): Restarts & { ready: number; reason: string } {
  const statuses = object.status?.containerStatuses ?? []
  const running = statuses.filter(isReadyAndRunning)
  let reason = begun
  let failure = ''
  for (const { state } of [...statuses].reverse()) {
    if (state?.waiting?.reason) reason = state.waiting.reason
    else if (state?.terminated) {
      reason = terminationReason(state.terminated)
      if (state.terminated.exitCode !== 0) failure = reason
    }
  }
  if (reason === 'Completed') {
    if (running.length > 0 && conditionOf(object, 'Ready') === 'True') reason = 'Running'
    else if (failure) reason = failure
    else if (running.length > 0) reason = 'NotReady'
  }
  return { ...restartsOf(statuses), ready: running.length, reason }
}

function isReadyAndRunning({ state, ready }: ContainerStatus): boolean {
  return !state?.waiting?.reason && !state?.terminated && ready && state?.running !== undefined
}

const conditionOf = ({ status }: Pod, type: string) =>
  status?.conditions?.find(condition => condition.type === type)?.status

function printRestarts(object: Pod, now: number): string {
  const { restarts, lastRestart } = summarise(object)
  return restarts > 0 && lastRestart !== '' ? `${restarts} (${ageOf(lastRestart, now)} ago)` : String(restarts)
}

function printReadinessGates(object: Pod): string {
  const gates = object.spec.readinessGates ?? []
  const passed = gates.filter(({ conditionType }) => conditionOf(object, conditionType) === 'True')
  return gates.length > 0 ? `${passed.length}/${gates.length}` : '<none>'
}
