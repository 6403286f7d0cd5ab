import type { KubeObject, ObjectKey } from '../../shared/api/object.ts'
import type { ResourceRef } from '../../shared/api/ref.ts'
import type { Client } from '../../shared/client/client.ts'
import { unlessGone } from '../../shared/client/unless-gone.ts'

/**
 * Reads what pods refer to. It asks the API server, not a lister: a pod may be seen before the ConfigMap that was
 * created ahead of it, and a container must not start with old or missing values.
 */
export interface ObjectReader {
  find<T extends KubeObject>(ref: ResourceRef<T>, key: ObjectKey): Promise<T | undefined>
}

export function createObjectReader(client: Client): ObjectReader {
  return {
    async find<T extends KubeObject>(ref: ResourceRef<T>, key: ObjectKey) {
      return unlessGone(client.get<T>(ref, key))
    },
  }
}
