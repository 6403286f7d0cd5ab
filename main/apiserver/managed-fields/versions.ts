import type { KubeObject } from '../../../shared/api/object.ts'
import type { FieldChanges } from '../../../shared/machinery/managed-fields/compare-fields.ts'
import type { Owners } from '../../../shared/machinery/managed-fields/managers.ts'
import { changesOf, type Change } from '../../../shared/machinery/managed-fields/update-owners.ts'
import type { Resource } from '../../resources/resource.ts'
import type { ResourceIndex } from '../registry/resource-index.ts'
import { fieldsTypeOf } from './fields-type.ts'

interface Given {
  index: ResourceIndex
  resource: Resource
  subresource: string
  owners: Owners
  old: KubeObject
  next: KubeObject
}

/** A change as it looks in the other versions of the kind that someone has written in; most objects have none. */
export async function otherVersions({
  index,
  resource,
  subresource,
  owners,
  old,
  next,
}: Given): Promise<Change['inVersion']> {
  const changes = new Map<string, FieldChanges>()
  const own = fieldsTypeOf(resource, subresource).apiVersion
  for (const { apiVersion } of owners) {
    if (apiVersion === own || changes.has(apiVersion)) continue
    const other = versionOf(index, resource, apiVersion)
    if (!other) continue
    const type = fieldsTypeOf(other, subresource)
    const [before, after] = [await converted(old, resource, other), await converted(next, resource, other)]
    changes.set(apiVersion, changesOf({ type, old: before, next: after, inVersion: () => undefined }))
  }
  return apiVersion => changes.get(apiVersion)
}

function versionOf(index: ResourceIndex, { ref }: Resource, apiVersion: string): Resource | undefined {
  const [version = '', group = ''] = apiVersion.split('/').reverse()
  return index.find({ group, version, resource: ref.resource })
}

async function converted(object: KubeObject, from: Resource, to: Resource): Promise<KubeObject | undefined> {
  const stored = from.stored ? await from.stored.toStorage(object) : object
  return to.stored ? (await to.stored.fromStorage([stored]))[0] : stored
}
