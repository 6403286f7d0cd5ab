import type { KubeObject, ObjectKey } from '../../../shared/api/object.ts'
import type { ResourceRef } from '../../../shared/api/ref.ts'
import type { Store } from '../../store/store.ts'
import { keyOf } from './key.ts'

/** The committed object of a kind, typed; undefined if there is none. */
export function find<T extends KubeObject>(store: Store, ref: ResourceRef<T>, at: ObjectKey): T | undefined {
  return store.get(keyOf(ref, at))?.object as T | undefined
}
