import { computed, shallowRef, watch, type ComputedRef } from 'vue'
import { keptPods, type KeptPod } from '../components/dock/logs/kept-runs.ts'
import { objects } from '../live/cluster-model.ts'
import { useSession } from '../session.ts'

/** Deleted pods whose last output nodes have kept; read again when pods go. */
export function useKeptPods(nodes: () => readonly string[]): ComputedRef<readonly KeptPod[]> {
  const { transport, model } = useSession()
  const found = shallowRef<readonly KeptPod[]>([])
  const present = computed(() => new Set(objects(model.pods).map(pod => pod.metadata.uid)))
  watch(
    [() => nodes().join(), () => present.value.size],
    async (_, __, onCleanup) => {
      const abort = new AbortController()
      onCleanup(() => abort.abort())
      const { signal } = abort
      // A node that can't be asked now has nothing to show.
      const lists = await Promise.all(nodes().map(node => keptPods(transport, node, signal).catch(() => [])))
      if (!signal.aborted) found.value = lists.flat()
    },
    { immediate: true },
  )
  return computed(() => found.value.filter(({ uid }) => !present.value.has(uid)))
}
