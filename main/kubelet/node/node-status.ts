import type { Node } from '../../../shared/api/core.ts'
import { toTime } from '../../../shared/machinery/clock.ts'
import { jsonEqual } from '../../../shared/machinery/json-value.ts'
import type { NodeFeature } from '../../../shared/machinery/node-features.ts'
import { formatQuantity } from '../../../shared/machinery/quantity.ts'
import { valueOf } from '../resources/quantities.ts'
import { allocatableOf } from '../resources/allocatable.ts'
import type { RuntimeInfo } from '../runtime.ts'
import type { KubeletSettings } from '../settings.ts'

export type NodeStatus = NonNullable<Node['status']>
type NodeCondition = NonNullable<NodeStatus['conditions']>[number]

interface Input {
  /** The status in the API, for what others put there and for transition times. */
  old: NodeStatus
  /** The last information, kept while the engine can't be reached. */
  info?: RuntimeInfo
  error?: string
  settings: KubeletSettings
  uid: string
  now: number
  /** The conditions of the node that are bad: MemoryPressure, DiskPressure, PIDPressure. */
  pressure?: ReadonlySet<string>
}

/** All that v1.36's kubelet declares unless a gate is closed. */
const declaredFeatures: NodeFeature[] = [
  'ExtendWebSocketsToKubelet',
  'InPlacePodLevelResourcesVerticalScaling',
  'InPlacePodVerticalScalingInitContainers',
  'RestartAllContainersOnContainerExits',
]

/** Of an image in a status (MaxNamesPerImageInNodeStatus). */
const maxNames = 5

/** What a node has: what it was declared, else what the engine has. */
export function nodeCapacity(settings: KubeletSettings, info: RuntimeInfo | undefined): Record<string, string> {
  const ofEngine: Record<string, string> = info
    ? {
        cpu: `${info.cpus}`,
        memory: `${Math.floor(info.memory / 1024)}Ki`,
        ...(info.storage !== undefined && { 'ephemeral-storage': `${Math.floor(info.storage / 1024)}Ki` }),
      }
    : {}
  const { maxPods, podsPerCore } = settings.configuration
  const cores = valueOf(settings.capacity['cpu'] ?? ofEngine['cpu'])
  const podCapacity = podsPerCore > 0 ? Math.min(podsPerCore * cores, maxPods) : maxPods
  // As the API server writes quantities: otherwise each comparison would find a difference.
  const given = Object.entries({ ...ofEngine, pods: `${podCapacity}`, ...settings.capacity })
  return Object.fromEntries(given.map(([name, quantity]) => [name, formatQuantity(quantity)]))
}

/**
 * A node's status (pkg/kubelet/nodestatus/setters.go). Resources in the old capacity that the kubelet doesn't know
 * (extended ones, patched in by their owner) are kept and mirrored to allocatable, as long as they are there.
 */
export function nodeStatus({ old, info, error, settings, uid, now, pressure }: Input): NodeStatus {
  const { nodeStatusMaxImages } = settings.configuration
  const capacity = { ...old.capacity, ...nodeCapacity(settings, info) }
  const images = (info?.images ?? [])
    .slice(0, nodeStatusMaxImages < 0 ? undefined : nodeStatusMaxImages)
    .map(({ names, sizeBytes }) => ({ names: names.slice(0, maxNames), sizeBytes }))
  return {
    addresses: settings.addresses(),
    capacity,
    allocatable: allocatableOf(capacity, settings.configuration),
    conditions: conditions({ old, error, now, ...(pressure && { pressure }) }),
    daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
    declaredFeatures,
    features: { supplementalGroupsPolicy: false },
    ...(info && { runtimeHandlers: runtimeHandlers(info) }),
    ...(images.length > 0 && { images }),
    nodeInfo: {
      architecture: info?.architecture ?? old.nodeInfo?.architecture ?? '',
      bootID: old.nodeInfo?.bootID ?? '',
      containerRuntimeVersion: info
        ? `${info.runtimeName}://${info.runtimeVersion}`
        : (old.nodeInfo?.containerRuntimeVersion ?? ''),
      kernelVersion: info?.kernelVersion ?? old.nodeInfo?.kernelVersion ?? '',
      kubeProxyVersion: '',
      kubeletVersion: settings.kubeletVersion,
      machineID: old.nodeInfo?.machineID ?? uid,
      operatingSystem: info?.operatingSystem ?? old.nodeInfo?.operatingSystem ?? 'linux',
      osImage: info?.osImage ?? old.nodeInfo?.osImage ?? '',
      systemUUID: old.nodeInfo?.systemUUID ?? uid,
    },
  }
}

/** The engine's default, which has no name, and those that a RuntimeClass can name. */
function runtimeHandlers({ runtimeHandlers: names = [], recursiveReadOnly = false }: RuntimeInfo) {
  const features = { recursiveReadOnlyMounts: recursiveReadOnly, userNamespaces: false }
  return ['', ...names].map(name => ({ name, features }))
}

/** Reason and message of each pressure, without and with it. */
const pressures = {
  MemoryPressure: [
    ['KubeletHasSufficientMemory', 'kubelet has sufficient memory available'],
    ['KubeletHasInsufficientMemory', 'kubelet has insufficient memory available'],
  ],
  DiskPressure: [
    ['KubeletHasNoDiskPressure', 'kubelet has no disk pressure'],
    ['KubeletHasDiskPressure', 'kubelet has disk pressure'],
  ],
  PIDPressure: [
    ['KubeletHasSufficientPID', 'kubelet has sufficient PID available'],
    ['KubeletHasInsufficientPID', 'kubelet has insufficient PID available'],
  ],
} as const

function conditions({
  old,
  error,
  now,
  pressure = new Set(),
}: Pick<Input, 'old' | 'now' | 'pressure'> & { error: string | undefined }): NodeCondition[] {
  const time = toTime(now)
  const made = [
    ...Object.entries(pressures).map(([type, texts]) => {
      const [reason, message] = texts[pressure.has(type) ? 1 : 0]
      return { type, status: pressure.has(type) ? 'True' : 'False', reason, message }
    }),
    error === undefined
      ? { type: 'Ready', status: 'True', reason: 'KubeletReady', message: 'kubelet is posting ready status' }
      : { type: 'Ready', status: 'False', reason: 'KubeletNotReady', message: `container runtime is down: ${error}` },
  ]
  return made.map(condition => {
    const before = old.conditions?.find(c => c.type === condition.type)
    const lastTransitionTime = before?.status === condition.status ? (before.lastTransitionTime ?? time) : time
    return { ...condition, lastHeartbeatTime: time, lastTransitionTime }
  })
}

/** Whether two statuses differ in more than their heartbeats. */
export function nodeStatusChanged(a: NodeStatus, b: NodeStatus): boolean {
  const still = (s: NodeStatus) => ({
    ...s,
    conditions: (s.conditions ?? []).map(({ lastHeartbeatTime: _, ...rest }) => rest),
  })
  const known = (s: NodeStatus, keys: string[]) =>
    Object.fromEntries(Object.entries(still(s)).filter(([key]) => keys.includes(key)))
  const keys = Object.keys(b)
  return !jsonEqual(known(a, keys), known(b, keys))
}

/** The status of the condition Ready. */
export const readiness = (status: NodeStatus | undefined) => status?.conditions?.find(c => c.type === 'Ready')?.status
