import type { ContainerStatus, KubeEvent, Pod } from '../../shared/api/core.ts'

/** The moment of the tests' story, milliseconds since the epoch. */
export const now = Date.parse('2026-11-20T14:06:32Z')
/** An RFC 3339 instant so many seconds before it. */
export const ago = (seconds: number): string => new Date(now - seconds * 1000).toISOString()

interface PodParts {
  name?: string
  labels?: Record<string, string>
  phase?: string
  node?: string
  container?: Partial<ContainerStatus>
  ready?: boolean
  /** Seconds since the Ready condition turned. */
  turned?: number
  conditions?: NonNullable<NonNullable<Pod['status']>['conditions']>
  init?: Partial<ContainerStatus>
  memoryLimit?: string
}

/** A pod with one container `api`, running and ready unless said otherwise. */
export function podOf(parts: PodParts = {}): Pod {
  const ready = parts.ready ?? true
  const status = (own: Partial<ContainerStatus>, name: string): ContainerStatus => ({
    name,
    image: 'shop/api:2.4.0',
    imageID: '',
    ready,
    restartCount: 0,
    state: { running: { startedAt: ago(3600) } },
    ...own,
  })
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: parts.name ?? 'api-0',
      namespace: 'shop',
      uid: `uid-${parts.name ?? 'api-0'}`,
      creationTimestamp: ago(3600),
      labels: parts.labels ?? { app: 'api' },
    },
    spec: {
      ...(parts.node !== '' && { nodeName: parts.node ?? 'bay-1' }),
      containers: [
        {
          name: 'api',
          image: 'shop/api:2.4.0',
          ...(parts.memoryLimit && { resources: { limits: { memory: parts.memoryLimit } } }),
        },
      ],
      ...(parts.init && { initContainers: [{ name: 'copy', image: 'shop/tools:1' }] }),
    },
    status: {
      phase: parts.phase ?? 'Running',
      startTime: ago(3600),
      conditions: parts.conditions ?? [
        { type: 'Ready', status: ready ? 'True' : 'False', lastTransitionTime: ago(parts.turned ?? 3600) },
      ],
      ...(parts.node !== '' && { containerStatuses: [status(parts.container ?? {}, 'api')] }),
      ...(parts.init && { initContainerStatuses: [status(parts.init, 'copy')] }),
    },
  }
}

/** An event about a pod, seen so many seconds ago. */
export function eventOf(reason: string, message: string, seconds = 10): KubeEvent {
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: `${reason}.${seconds}`, namespace: 'shop', uid: `event-${reason}-${seconds}` },
    type: 'Warning',
    reason,
    message,
    lastTimestamp: ago(seconds),
    involvedObject: { kind: 'Pod', name: 'api-0', namespace: 'shop', uid: 'uid-api-0' },
  }
}

/** A container that ended, and when. */
export const ended = (exitCode: number, seconds: number, more: object = {}) => ({
  terminated: { exitCode, startedAt: ago(seconds + 1.3), finishedAt: ago(seconds), ...more },
})
