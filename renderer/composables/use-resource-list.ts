import { computed, onScopeDispose, shallowRef, toValue, watch, type ComputedRef, type MaybeRefOrGetter } from 'vue'
import type { KubeEvent } from '../../shared/api/core.ts'
import type { KubeObject } from '../../shared/api/object.ts'
import type { ResourceRef } from '../../shared/api/ref.ts'
import type { LiveList } from '../live/live-list.ts'
import type { ObjectLink } from '../object-link.ts'
import { useSession } from '../session.ts'

/** The live list of a kind while this scope lives; undefined while no kind is given. */
export function useResourceList<T extends KubeObject>(
  ref: MaybeRefOrGetter<ResourceRef<T> | undefined>,
): ComputedRef<LiveList<T> | undefined> {
  const { lists } = useSession()
  const held = shallowRef<{ list: LiveList<T> } & Disposable>()
  watch(
    () => toValue(ref),
    (next, before) => {
      if (next && before && next.resource === before.resource && next.group === before.group) return
      held.value?.[Symbol.dispose]()
      held.value = next && lists.use(next)
    },
    { immediate: true },
  )
  onScopeDispose(() => held.value?.[Symbol.dispose]())
  return computed(() => held.value?.list)
}

/** One object, live: `object` stays at its last value when it is deleted, and `gone` says so. */
export function useObject(link: MaybeRefOrGetter<ObjectLink | undefined>) {
  const list = useResourceList(() => toValue(link)?.ref)
  const last = shallowRef<{ link: ObjectLink; object: KubeObject }>()
  const current = computed(() => {
    const wanted = toValue(link)
    return wanted && list.value?.rows.value.find(({ object }) => isAt(object, wanted))?.object
  })
  watch(
    current,
    object => {
      const at = toValue(link)
      if (object && at) last.value = { link: at, object }
    },
    { immediate: true },
  )
  const known = computed(() => {
    const wanted = toValue(link)
    return last.value &&
      wanted &&
      isAt(last.value.object, wanted) &&
      last.value.link.ref.resource === wanted.ref.resource
      ? last.value.object
      : undefined
  })
  return {
    object: computed(() => current.value ?? known.value),
    /** It was here and is no more. */
    gone: computed(() => !current.value && known.value !== undefined),
    /** The list is in and has no such object. */
    missing: computed(() => list.value?.state.value.state === 'live' && !current.value && !known.value),
  }
}

function isAt({ metadata }: KubeObject, { ref, namespace, name }: ObjectLink): boolean {
  return metadata.name === name && (!ref.namespaced || metadata.namespace === namespace)
}

/** Events about one object, newest first. */
export function useEvents(uid: MaybeRefOrGetter<string | undefined>): ComputedRef<readonly KubeEvent[]> {
  const { model } = useSession()
  return computed(() => model.eventsOf.value.get(toValue(uid) ?? '') ?? [])
}
