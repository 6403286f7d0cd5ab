import { ingressClasses, type IngressClass } from '../../../shared/api/networking.ts'
import type { KubeObject } from '../../../shared/api/object.ts'
import { priorityClasses, type PriorityClass } from '../../../shared/api/scheduling.ts'
import { storageClasses, type StorageClass } from '../../../shared/api/storage.ts'
import { isDefaultIngressClass } from '../../resources/networking/ingress-class.ts'
import { isDefaultClass } from '../../resources/storage/storage-class.ts'
import type { Store } from '../../store/store.ts'
import { createLiveList, type LiveList } from '../registry/live-list.ts'

/** The classes that objects get which name none: for each kind the one that counts, or nothing. */
export interface DefaultClasses extends Disposable {
  readonly priority: LiveList<PriorityClass>
  readonly storage: LiveList<StorageClass>
  readonly ingress: LiveList<IngressClass>
}

export function createDefaultClasses(store: Store): DefaultClasses {
  using opening = new DisposableStack()
  const priority = opening.use(createLiveList(store, priorityClasses, all => first(all, isGlobal, lowest)))
  const storage = opening.use(createLiveList(store, storageClasses, all => first(all, isDefaultClass, newest)))
  const ingress = opening.use(createLiveList(store, ingressClasses, all => first(all, isDefaultIngressClass, newest)))
  const owned = opening.move()
  return { priority, storage, ingress, [Symbol.dispose]: () => owned.dispose() }
}

type Order<T> = (a: T, b: T) => number

function first<T>(objects: readonly T[], isDefault: (object: T) => boolean, order: Order<T>): readonly T[] {
  return objects.filter(isDefault).sort(order).slice(0, 1)
}

const isGlobal = ({ globalDefault }: PriorityClass) => globalDefault === true

/** plugin/pkg/admission/priority getDefaultPriorityClass. */
const lowest = (a: PriorityClass, b: PriorityClass) => (a.value ?? 0) - (b.value ?? 0)

/** The newest, and of several the first in the alphabet (pkg/volume/util GetDefaultClass). */
function newest({ metadata: a }: KubeObject, { metadata: b }: KubeObject): number {
  const [one, other] = [a, b].map(({ creationTimestamp = '' }) => creationTimestamp)
  if (one !== other) return (one ?? '') > (other ?? '') ? -1 : 1
  return a.name < b.name ? -1 : 1
}
