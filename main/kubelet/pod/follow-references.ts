import { configMaps, persistentVolumeClaims, secrets } from '../../../shared/api/core.ts'
import type { KubeObject } from '../../../shared/api/object.ts'
import type { ResourceRef } from '../../../shared/api/ref.ts'
import type { Informers } from '../../../shared/client/informer.ts'
import type { PodWorkers } from './pod-workers.ts'

/** Wakes a pod when a ConfigMap, Secret or claim that it depends on changes. */
export function followReferences(informers: Informers, workers: PodWorkers): Disposable {
  const stack = new DisposableStack()
  const follow = <T extends KubeObject>(ref: ResourceRef<T>) => {
    const changed = ({ metadata }: T) => {
      const reference = `${ref.resource}/${metadata.name}`
      for (const { state, references, wake } of workers) {
        if (state.identity.namespace === metadata.namespace && references.has(reference)) wake()
      }
    }
    stack.use(informers.informer(ref).on({ added: changed, updated: changed, deleted: changed }))
  }
  follow(configMaps)
  follow(secrets)
  follow(persistentVolumeClaims)
  return stack
}
