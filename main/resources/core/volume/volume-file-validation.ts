import type { StatusCause } from '../../../../shared/api/object.ts'
import { child, invalid, required } from '../../../../shared/machinery/field-errors.ts'
import { fileFields, validateFieldRef, validateResourceFieldRef } from '../container/downward-api-validation.ts'
import { validateFilePath, validateMode } from '../path-validation.ts'
import type { PodVolume } from '../pod/pod-spec.ts'

/** Faults of one key as a file (validateKeyToPath). */
export function validateKeyToPath(
  { key, path: file = '', mode }: { key?: string; path?: string; mode?: number },
  path: string,
): StatusCause[] {
  const at = child(path, 'path')
  return [
    ...(key ? [] : [required(child(path, 'key'))]),
    ...(file ? [] : [required(at)]),
    ...validateFilePath(at, file),
    ...validateMode(child(path, 'mode'), mode),
  ]
}

type DownwardFile = NonNullable<NonNullable<PodVolume['downwardAPI']>['items']>[number]

/** Faults of a field of the pod as a file; upstream's paths leave the item out (validateDownwardAPIVolumeFile). */
export function validateDownwardFile(
  { path: file = '', fieldRef, resourceFieldRef, mode }: Partial<DownwardFile>,
  path: string,
): StatusCause[] {
  const at = child(path, 'path')
  const both = 'fieldRef and resourceFieldRef can not be specified simultaneously'
  const refs = fieldRef
    ? [
        ...validateFieldRef(fieldRef, { path: child(path, 'fieldRef'), allowed: fileFields }),
        ...(resourceFieldRef ? [invalid(path, 'resource', both)] : []),
      ]
    : resourceFieldRef
      ? validateResourceFieldRef(resourceFieldRef, { path: child(path, 'resourceFieldRef'), volume: true })
      : [required(path, 'one of fieldRef and resourceFieldRef is required')]
  return [
    ...(file ? [] : [required(at)]),
    ...validateFilePath(at, file),
    ...refs,
    ...validateMode(child(path, 'mode'), mode),
  ]
}
