import { nodes, type Pod } from '../shared/api/core.ts'
import type { KubeObject } from '../shared/api/object.ts'
import { groupResourceOf, type ResourceRef } from '../shared/api/ref.ts'
import type { Client } from '../shared/client/client.ts'
import type { Kind } from './live/discovery.ts'

const keyOf = ({ metadata }: KubeObject) => ({ namespace: metadata.namespace ?? '', name: metadata.name })

/** Kinds whose pods `kubectl rollout restart` replaces. */
const restartable = new Set(['deployments.apps', 'daemonsets.apps', 'statefulsets.apps'])

export const canRestart = (ref: ResourceRef): boolean => restartable.has(groupResourceOf(ref))
export const canScale = (kind: Kind): boolean => kind.subresources.includes('scale')
export const canDelete = (kind: Kind): boolean => kind.verbs.includes('delete')
/** Whether a command can be run in a pod: only where a container runs. */
export const canExec = ({ status }: Pod): boolean =>
  (status?.containerStatuses ?? []).some(({ state }) => state?.running !== undefined)
export const hasPods = (ref: ResourceRef): boolean =>
  restartable.has(groupResourceOf(ref)) || ['pods', 'replicasets.apps', 'jobs.batch'].includes(groupResourceOf(ref))

/** Writes `spec.replicas` through the scale subresource. */
export async function scale(client: Client, ref: ResourceRef, object: KubeObject, replicas: number): Promise<void> {
  await client.patch(ref, keyOf(object), {
    type: 'application/merge-patch+json',
    subresource: 'scale',
    body: { spec: { replicas } },
  })
}

/** What `kubectl rollout restart` does: a new annotation on the pod template (polymorphichelpers/objectrestarter.go). */
export async function restart(client: Client, ref: ResourceRef, object: KubeObject, now: Date): Promise<void> {
  const annotations = { 'kubectl.kubernetes.io/restartedAt': now.toISOString().replace(/\.\d+Z$/, 'Z') }
  await client.patch(ref, keyOf(object), {
    type: 'application/strategic-merge-patch+json',
    body: { spec: { template: { metadata: { annotations } } } },
  })
}

/** Deletes as kubectl does: in the background, and only the very object that was shown. */
export async function remove(client: Client, ref: ResourceRef, object: KubeObject): Promise<void> {
  await client.delete(ref, keyOf(object), {
    propagationPolicy: 'Background',
    preconditions: { uid: object.metadata.uid },
  })
}

export async function cordon(client: Client, node: string, unschedulable: boolean): Promise<void> {
  await client.patch(
    nodes,
    { namespace: '', name: node },
    { type: 'application/merge-patch+json', body: { spec: { unschedulable: unschedulable || null } } },
  )
}

/** The number of pods an object asks for, for kinds that can be scaled. */
export function replicasOf(object: KubeObject): number {
  const { spec } = object as KubeObject & { spec?: { replicas?: number } }
  return spec?.replicas ?? 1
}
