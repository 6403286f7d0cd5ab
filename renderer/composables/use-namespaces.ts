import { computed } from 'vue'
import type { KubeObject } from '../../shared/api/object.ts'
import { objects } from '../live/cluster-model.ts'
import { useSession } from '../session.ts'
import { useSettings } from '../stores/settings.ts'

/** Which namespaces the user looks at: several, or all. */
export function useNamespaces() {
  const { model, status } = useSession()
  const settings = useSettings()
  const cluster = computed(() => status.value?.cluster ?? '')
  const all = computed(() =>
    objects(model.namespaces)
      .map(namespace => namespace.metadata.name)
      .sort(),
  )
  const chosen = computed({
    get: () => settings.namespaces[cluster.value] ?? [],
    set: names => (settings.namespaces = { ...settings.namespaces, [cluster.value]: names.toSorted() }),
  })
  const wanted = computed(() => new Set(chosen.value))

  /** Whether an object belongs to what the user looks at; cluster-scoped ones always do. */
  function inNamespaces({ metadata }: KubeObject): boolean {
    return wanted.value.size === 0 || metadata.namespace === undefined || wanted.value.has(metadata.namespace)
  }

  return { all, chosen, inNamespaces }
}
