import type { KubeObject } from '../../../shared/api/object.ts'
import { apiVersionOf, type ResourceRef } from '../../../shared/api/ref.ts'
import type { StorageForm } from '../resource.ts'
import type { VersionForm } from './version-form.ts'

/** Converts objects of a kind that are in other versions to one; must not change them. Throws or rejects with a StatusError. */
export type Convert = (
  objects: readonly KubeObject[],
  apiVersion: string,
) => readonly KubeObject[] | Promise<readonly KubeObject[]>

/** Conversion strategy None: versions differ in their names. */
export const renamed: Convert = (objects, apiVersion) => objects.map(object => ({ ...object, apiVersion }))

interface Given {
  /** The version that is served, and the one that is stored. */
  own: ResourceRef
  storage: ResourceRef
  /** By apiVersion; objects may still be stored in any of them. */
  forms: ReadonlyMap<string, VersionForm>
  convert: Convert
}

/**
 * How objects get from the store to a version and back, in upstream's order (crdConversionRESTOptionsGetter): what is read is
 * pruned and defaulted by the schema of the version it was stored in, converted, and pruned by the other one's.
 */
export function storedForm({ own, storage, forms, convert }: Given): StorageForm {
  const wanted = apiVersionOf(own)
  const stored = apiVersionOf(storage)
  const read = (object: KubeObject) => forms.get(object.apiVersion ?? '')?.read(object) ?? object
  const trim = (object: KubeObject, apiVersion: string) =>
    forms.get(apiVersion)?.trim(structuredClone(object)) ?? object
  return {
    ref: storage,
    fromStorage(objects) {
      const known = objects.map(read)
      const others = known.filter(object => object.apiVersion !== wanted)
      if (others.length === 0) return known
      const put = (converted: readonly KubeObject[]) => {
        const found = new Map(others.map((object, i) => [object, trim(converted[i] ?? object, wanted)]))
        return known.map(object => found.get(object) ?? object)
      }
      const converted = convert(others, wanted)
      return converted instanceof Promise ? converted.then(put) : put(converted)
    },
    toStorage(object) {
      if (wanted === stored) return object
      const put = ([converted = object]: readonly KubeObject[]) => trim(converted, stored)
      const converted = convert([object], stored)
      return converted instanceof Promise ? converted.then(put) : put(converted)
    },
  }
}
