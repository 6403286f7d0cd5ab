import type { Container, Pod } from '../../../shared/api/core.ts'
import type { ContainerRecord, Sandbox } from '../runtime.ts'

/** What the runtime has of one pod. */
export interface PodRecords {
  sandboxes: Sandbox[]
  containers: ContainerRecord[]
}

/** An init container that keeps running beside the ordinary ones (KEP-753). */
export const isSidecar = (container: { restartPolicy?: string }): boolean => container.restartPolicy === 'Always'

/** All containers that a pod names, in the order of their start. */
export const allContainers = (pod: Pod): Container[] => [...(pod.spec.initContainers ?? []), ...pod.spec.containers]

/** Containers that were added to the running pod, for debugging (KEP-277): they are started once and have no probes and no hooks. */
export const ephemeralContainers = (pod: Pod): NonNullable<Pod['spec']['ephemeralContainers']> =>
  pod.spec.ephemeralContainers ?? []

/** The latest attempt of a container. */
export function newest({ containers }: PodRecords, name: string): ContainerRecord | undefined {
  return history({ containers }, name)[0]
}

/** All attempts of a container, the latest first. */
export function history({ containers }: Pick<PodRecords, 'containers'>, name: string): ContainerRecord[] {
  return containers.filter(r => r.name === name).sort((a, b) => b.attempt - a.attempt || b.createdAt - a.createdAt)
}

/**
 * The sandbox that containers can run in, and the attempt that a new one would be. Only the latest sandbox counts: an
 * older one that is ready was left behind by a crash.
 */
export function sandboxOf({ sandboxes }: PodRecords): { sandbox?: Sandbox; nextAttempt: number } {
  const latest = sandboxes.reduce<Sandbox | undefined>((a, b) => (a && a.attempt >= b.attempt ? a : b), undefined)
  const nextAttempt = latest ? latest.attempt + 1 : 0
  return latest?.state === 'ready' ? { sandbox: latest, nextAttempt } : { nextAttempt }
}

/** Whether a pod has come to its end, by what the API says. */
export const isOver = ({ status }: Pod): boolean => status?.phase === 'Succeeded' || status?.phase === 'Failed'
