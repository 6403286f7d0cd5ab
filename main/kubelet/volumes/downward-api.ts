import type { Volume } from '../../../shared/api/core.ts'
import { fieldValue } from '../environment/field-ref.ts'
import type { VolumeFile } from '../host.ts'
import { resourceFieldValue } from '../environment/resource-field.ts'
import type { VolumeContext } from './volume-source.ts'

type Items = NonNullable<NonNullable<Volume['downwardAPI']>['items']>

/** The files of a downwardAPI source (pkg/volume/downwardapi, CollectData). */
export function downwardApiFiles(items: Items, defaultMode: number, { pod, facts }: VolumeContext): VolumeFile[] {
  return items.map(({ path, fieldRef, resourceFieldRef, mode }) => {
    const value = fieldRef
      ? fieldValue(pod, fieldRef.fieldPath, facts)
      : resourceFieldRef
        ? resourceFieldValue(pod, resourceFieldRef, { allocatable: facts.allocatable })
        : ''
    return { path, data: Buffer.from(value), mode: mode ?? defaultMode }
  })
}
