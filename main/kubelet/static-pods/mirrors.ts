import { pods, type Node, type Pod } from '../../../shared/api/core.ts'
import type { Client } from '../../../shared/client/client.ts'
import { isAlreadyExists, isConflict, isNotFound } from '../../../shared/machinery/status.ts'
import { isMirror, mirrorAnnotation } from './manifest.ts'

/** Makes and removes the pods in the API that show static ones (pkg/kubelet/pod/mirror_client.go). */
export interface Mirrors {
  /** The one that is there or was made; undefined where an ordinary pod has the name. Rejects as the API server does. */
  ensure(pod: Pod, node: Node): Promise<Pod | undefined>
  /** At once; no error if it is gone or another pod has its name. */
  remove(mirror: Pod): Promise<void>
}

export function createMirrors(client: Client): Mirrors {
  const keyOf = ({ metadata: { namespace = '', name } }: Pod) => ({ namespace, name })
  return {
    async ensure(pod, { metadata: { name, uid } }) {
      const { namespace = '', labels, annotations, uid: hash } = pod.metadata
      try {
        return await client.create(pods, {
          apiVersion: 'v1',
          kind: 'Pod',
          metadata: {
            name: pod.metadata.name,
            namespace,
            ...(labels && { labels }),
            annotations: { ...annotations, [mirrorAnnotation]: hash },
            ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name, uid, controller: true }],
          },
          spec: pod.spec,
        })
      } catch (error) {
        if (!isAlreadyExists(error)) throw error
        const holder = await client.get(pods, keyOf(pod))
        return isMirror(holder) && holder.metadata.annotations?.[mirrorAnnotation] === hash ? holder : undefined
      }
    },
    async remove(mirror) {
      const preconditions = { uid: mirror.metadata.uid }
      try {
        await client.delete(pods, keyOf(mirror), { gracePeriodSeconds: 0, preconditions })
      } catch (error) {
        if (!isNotFound(error) && !isConflict(error)) throw error
      }
    },
  }
}
