import { shallowRef, watch, type ShallowRef } from 'vue'
import { useSession } from '../session.ts'
import { useSlowNow } from './use-now.ts'

/** What a node uses by the metrics API, as quantities (`cpu`, `memory`); read now and then. Empty while nothing tells. */
export function useNodeUsage(name: () => string): Readonly<ShallowRef<Readonly<Record<string, string>>>> {
  const { transport } = useSession()
  const now = useSlowNow()
  const usage = shallowRef<Readonly<Record<string, string>>>({})
  watch(
    [name, now],
    async ([node], [before], onCleanup) => {
      if (node !== before) usage.value = {}
      const abort = new AbortController()
      onCleanup(() => abort.abort())
      const path = `/apis/metrics.k8s.io/v1beta1/nodes/${encodeURIComponent(node)}`
      try {
        const { signal } = abort
        const metrics = await transport.request<{ usage: Record<string, string> }>({ method: 'GET', path, signal })
        if (!signal.aborted) usage.value = metrics.usage
      } catch {
        // A node that has just begun, or is gone, has no metrics.
        usage.value = {}
      }
    },
    { immediate: true },
  )
  return usage
}
