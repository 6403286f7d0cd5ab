import type { KubeObject } from '../../../shared/api/object.ts'
import { copyJson } from '../../../shared/machinery/json-value.ts'
import type { Write } from './core.ts'

/**
 * What a write may touch: the object itself keeps the old status where the kind has `/status`, and a write to `/status`
 * keeps everything but status and metadata (API conventions, "Spec and Status"). The answer is private to the request.
 */
export function keepOtherParts({ resource, subresource }: Write, object: KubeObject, old: KubeObject): KubeObject {
  if (subresource === 'status') {
    const { metadata, status } = object as KubeObject & { status?: unknown }
    const taken = { metadata, ...(status !== undefined && { status }) }
    // What is taken need not be copied.
    return {
      ...copyJson({ ...old, metadata: undefined, ...(status !== undefined && { status: undefined }) }),
      ...taken,
    }
  }
  if (!resource.status || subresource !== '') return object
  const { status: _ignored, ...rest } = object as KubeObject & { status?: unknown }
  const { status } = old as KubeObject & { status?: unknown }
  return { ...rest, ...(status !== undefined && { status: copyJson(status) }) }
}
