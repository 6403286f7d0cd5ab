import type { KubeObject } from '../../../shared/api/object.ts'
import type { ResourceRef } from '../../../shared/api/ref.ts'
import type { Controller, ControllerContext, ControllerWatch } from '../../../shared/client/controller.ts'
import { each } from '../../../shared/client/watches.ts'

interface Protection<T extends KubeObject> {
  name: string
  ref: ResourceRef<T>
  /** What keeps an object that is being deleted. Admission sets it. */
  finalizer: string
  /** Whose changes may end the use of objects. */
  users: ControllerWatch[]
  isUsed: (object: T, context: ControllerContext) => boolean | Promise<boolean>
}

/** Takes a finalizer from objects that are being deleted when nobody uses them any more, and sets it where it is missing. */
export function protect<T extends KubeObject>({ name, ref, finalizer, users, isUsed }: Protection<T>): Controller {
  return {
    name,
    watches: [each(ref), ...users],
    async reconcile(key, context) {
      const object = context.informers.informer(ref).get(key)
      if (!object) return
      const { finalizers = [], deletionTimestamp } = object.metadata
      const isProtected = finalizers.includes(finalizer)
      const write = (next: string[]) =>
        context.client.update(ref, { ...object, metadata: { ...object.metadata, finalizers: next } })
      if (deletionTimestamp === undefined) {
        // From before the finalizer was set at creation.
        if (!isProtected) await write([...finalizers, finalizer])
      } else if (isProtected && !(await isUsed(object, context))) {
        await write(finalizers.filter(each => each !== finalizer))
      }
    },
  }
}
