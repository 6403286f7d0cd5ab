import type { ContainerStatus, Pod } from '../../../shared/api/core.ts'
import type { ResizeState } from '../resize/resize-state.ts'
import { isSidecar } from '../pod/pod-records.ts'

export type PodCondition = NonNullable<NonNullable<Pod['status']>['conditions']>[number]

/** Those that go when there is nothing to tell. */
export const resizeConditions: readonly string[] = ['PodResizePending', 'PodResizeInProgress']

/** Those that the kubelet writes. */
export const ownConditions: ReadonlySet<string> = new Set([
  'PodReadyToStartContainers',
  'Initialized',
  'Ready',
  'ContainersReady',
  'PodScheduled',
  'AllContainersRestarting',
  ...resizeConditions,
])

interface ConditionInput {
  pod: Pod
  phase: string
  init: ContainerStatus[]
  containers: ContainerStatus[]
  sandboxReady: boolean
  /** RFC 3339 */
  now: string
  /** Of pods whose containers can ask for all to run again: whether they are being removed for it. */
  restartingAll?: boolean
  /** Why the node had to end the pod, if it did. */
  disruption?: string
  resize?: ResizeState
}

type Finding = Pick<PodCondition, 'status' | 'reason' | 'message'>

const yes: Finding = { status: 'True' }
const no = (reason: string, message?: string): Finding => ({ status: 'False', reason, ...(message && { message }) })

/**
 * The conditions that the kubelet writes (pkg/kubelet/status/generate.go); those of others, readiness gates say, are not
 * among them. A condition keeps its transition time as long as its status stays.
 */
export function podConditions(input: ConditionInput): PodCondition[] {
  const findings: [string, Finding][] = [
    ['PodReadyToStartContainers', { status: input.sandboxReady ? 'True' : 'False' }],
    ['Initialized', initialized(input)],
    ['Ready', ready(input)],
    ['ContainersReady', containersReady(input)],
    // A pod may have been made for this node without the scheduler.
    ['PodScheduled', yes],
  ]
  const { disruption: message, restartingAll } = input
  if (restartingAll !== undefined) findings.push(['AllContainersRestarting', allRestarting(input.phase, restartingAll)])
  if (message !== undefined)
    findings.push(['DisruptionTarget', { status: 'True', reason: 'TerminationByKubelet', message }])
  findings.push(...resizing(input.resize))
  const old = input.pod.status?.conditions ?? []
  const generation = input.pod.metadata.generation
  return findings.map(([type, finding]) => {
    const before = old.find(c => c.type === type)
    const lastTransitionTime = before?.status === finding.status ? before.lastTransitionTime : undefined
    return {
      type,
      ...finding,
      ...(generation !== undefined && { observedGeneration: generation }),
      lastTransitionTime: lastTransitionTime ?? input.now,
    }
  })
}

function resizing({ pending, progress }: ResizeState = {}): [string, Finding][] {
  const found: [string, Finding][] = []
  if (pending) found.push(['PodResizePending', { status: 'True', reason: 'Deferred', message: pending.message }])
  if (progress) {
    const { error } = progress
    const why = error === undefined ? {} : { reason: 'Error', message: error }
    found.push(['PodResizeInProgress', { status: 'True', ...why }])
  }
  return found
}

function allRestarting(phase: string, restarting: boolean): Finding {
  if (phase === 'Succeeded') return no('PodCompleted')
  if (phase === 'Failed') return no('PodFailed')
  if (!restarting) return { status: 'False' }
  return { status: 'True', reason: 'RestartAllContainersStarted', message: 'container exited with restart policy rule' }
}

const names = (statuses: ContainerStatus[]) => `[${statuses.map(s => s.name).join(' ')}]`

function initialized({ pod, phase, init, containers }: ConditionInput): Finding {
  if (phase === 'Succeeded') return { status: 'True', reason: 'PodCompleted' }
  if (containers.some(s => s.state?.running ?? s.state?.terminated ?? s.lastState?.terminated)) return yes
  const sidecar = (s: ContainerStatus) => (pod.spec.initContainers ?? []).some(c => c.name === s.name && isSidecar(c))
  const incomplete = init.filter(s => (sidecar(s) ? !s.started : !s.ready))
  if (incomplete.length === 0) return yes
  // Whoever runs all containers again does not undo it.
  const before = pod.status?.conditions?.find(c => c.type === 'Initialized')
  if (before?.status === 'True') return yes
  return no('ContainersNotInitialized', `containers with incomplete status: ${names(incomplete)}`)
}

function containersReady({ pod, phase, init, containers }: ConditionInput): Finding {
  if (phase === 'Succeeded') return no('PodCompleted')
  if (phase === 'Failed') return no('PodFailed')
  const sidecars = init.filter(s => (pod.spec.initContainers ?? []).some(c => c.name === s.name && isSidecar(c)))
  const unready = [...sidecars, ...containers].filter(s => !s.ready)
  return unready.length === 0 ? yes : no('ContainersNotReady', `containers with unready status: ${names(unready)}`)
}

function ready(input: ConditionInput): Finding {
  const containers = containersReady(input)
  if (containers.status !== 'True') return containers
  const conditions = input.pod.status?.conditions ?? []
  const missing = (input.pod.spec.readinessGates ?? []).flatMap(({ conditionType }) => {
    const condition = conditions.find(c => c.type === conditionType)
    if (!condition) return `corresponding condition of pod readiness gate "${conditionType}" does not exist.`
    if (condition.status === 'True') return []
    return `the status of pod readiness gate "${conditionType}" is not "True", but ${condition.status}`
  })
  return missing.length === 0 ? yes : no('ReadinessGatesNotReady', missing.join(', '))
}
