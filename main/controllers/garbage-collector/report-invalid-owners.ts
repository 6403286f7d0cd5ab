import type { EventRecorder } from '../../../shared/client/recorder.ts'
import { ownersElsewhere } from './classify.ts'
import type { Graph, Item } from './graph.ts'

/** Warns of owner references across namespaces, of each once in an object's life. */
export interface InvalidOwnerReports {
  report(item: Item, graph: Graph, recorder: EventRecorder): void
  forget(uid: string): void
}

/** Nothing is reported yet; after a restart everything is reported anew, as upstream (graph_builder.go reportInvalidNamespaceOwnerRef). */
export function createInvalidOwnerReports(): InvalidOwnerReports {
  const reported = new Map<string, Set<string>>()
  return {
    report(item, graph, recorder) {
      const { uid: dependent, namespace = '' } = item.object.metadata
      for (const { apiVersion, kind, name, uid } of ownersElsewhere(item, graph)) {
        const known = reported.get(dependent) ?? new Set()
        if (known.has(uid)) continue
        reported.set(dependent, known.add(uid))
        const owner = `[${apiVersion}/${kind}, namespace: ${namespace}, name: ${name}, uid: ${uid}]`
        const message = `ownerRef ${owner} does not exist in namespace "${namespace}"`
        recorder.event(item.object, 'Warning', 'OwnerRefInvalidNamespace', message)
      }
    },
    forget: uid => reported.delete(uid),
  }
}
