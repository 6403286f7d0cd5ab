import type { Pod } from '../../../shared/api/core.ts'
import { runtimeClasses } from '../../../shared/api/node.ts'
import type { ObjectReader } from '../object-reader.ts'

/**
 * The handler that a pod's RuntimeClass names, '' for the engine's default (pkg/kubelet/runtimeclass,
 * LookupRuntimeHandler). Throws if there is no such RuntimeClass: the API server takes no such pods, but it may have gone.
 */
export async function runtimeHandlerOf({ spec: { runtimeClassName } }: Pod, read: ObjectReader): Promise<string> {
  if (!runtimeClassName) return ''
  const found = await read.find(runtimeClasses, { namespace: '', name: runtimeClassName })
  if (!found) throw new Error(`runtimeclass.node.k8s.io "${runtimeClassName}" not found`)
  return found.handler
}
