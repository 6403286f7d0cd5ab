import { computed, shallowRef, watch, type ShallowRef } from 'vue'
import type { Pod } from '../../shared/api/core.ts'
import type { ProbeResults } from '../../shared/machinery/probe-results.ts'
import { useSession } from '../session.ts'
import { allContainers } from '../status/pod-status.ts'
import { useSlowNow } from './use-now.ts'

/**
 * What a pod's probes were answered lately, by its node; read when the pod changes, and now and then. Empty for a pod
 * without probes, and while its node can't be asked.
 */
export function useProbeResults(pod: () => Pod): Readonly<ShallowRef<readonly ProbeResults[]>> {
  const { transport } = useSession()
  const now = useSlowNow()
  const results = shallowRef<readonly ProbeResults[]>([])
  const path = computed(() => {
    const { metadata, spec } = pod()
    const probed = allContainers(pod()).some(c => c.startupProbe ?? c.livenessProbe ?? c.readinessProbe)
    return probed && spec.nodeName
      ? `/api/v1/nodes/${encodeURIComponent(spec.nodeName)}/proxy/probes/${metadata.uid}`
      : undefined
  })

  watch(
    [path, () => pod().metadata.resourceVersion, now],
    async ([wanted], [before], onCleanup) => {
      if (wanted !== before) results.value = []
      if (wanted === undefined) return
      const abort = new AbortController()
      onCleanup(() => abort.abort())
      try {
        const { signal } = abort
        const found = await transport.request<readonly ProbeResults[]>({ method: 'GET', path: wanted, signal })
        if (!signal.aborted) results.value = found
      } catch {
        // What was read before stands; the Events of the pod tell of failures, too.
      }
    },
    { immediate: true },
  )
  return results
}
