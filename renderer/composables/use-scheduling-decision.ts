import { computed, shallowRef, watch, type ShallowRef } from 'vue'
import type { Pod } from '../../shared/api/core.ts'
import type { SchedulingDecision } from '../../shared/machinery/scheduling-decision.ts'
import { useSession } from '../session.ts'
import { condition } from '../status/status.ts'

/** What the scheduler found when it last looked for a node for a pod that waits; asked again when it has looked again. */
export function useSchedulingDecision(pod: () => Pod): Readonly<ShallowRef<SchedulingDecision | undefined>> {
  const { host } = useSession()
  const decision = shallowRef<SchedulingDecision>()
  const wanted = computed(() => {
    const { metadata, spec } = pod()
    const scheduled = condition(pod(), 'PodScheduled')
    if (spec.nodeName || scheduled?.reason !== 'Unschedulable') return undefined
    return JSON.stringify([metadata.namespace, metadata.name, metadata.uid, scheduled.message])
  })

  watch(
    wanted,
    async (key, _, onCleanup) => {
      decision.value = undefined
      if (key === undefined) return
      const abort = new AbortController()
      onCleanup(() => abort.abort())
      const [namespace, name] = JSON.parse(key) as [string, string]
      try {
        const found = await host.schedulingDecision({ namespace, name })
        if (!abort.signal.aborted) decision.value = found
      } catch {
        // The explanation by the pod's condition stands without it.
      }
    },
    { immediate: true },
  )
  return decision
}
