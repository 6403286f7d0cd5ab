import type { KubeObject } from '../../../shared/api/object.ts'
import { jsonEqual, type JsonObject } from '../../../shared/machinery/json-value.ts'
import type { Schema } from '../../../shared/machinery/schema.ts'
import type { StructuralForm } from '../resource.ts'
import {
  coerceEmbedded,
  coerceMetadata,
  dropUnreadable,
  embeddedFault,
  hasEmbedded,
  metadataFault,
} from './embedded-objects.ts'
import { pruneNulls, pruneObject } from './prune.ts'
import { setDefaults } from './set-defaults.ts'

/** The form that a structural schema gives objects. */
export interface VersionForm extends StructuralForm {
  readonly setDefaults: (object: KubeObject) => void
  /** A stored object pruned and with defaults, as a schema that changed since asks for; the object itself if it has the form. */
  read(stored: KubeObject): KubeObject
  /** A private object that was converted to this version, pruned in place. */
  trim(object: KubeObject): KubeObject
}

export function versionForm(schema: Schema): VersionForm {
  const embeds = hasEmbedded(schema)
  const prune = (value: JsonObject) => {
    const unknown = [...coerceMetadata(value, ''), ...pruneObject(schema, value)]
    pruneNulls(schema, value)
    return embeds ? [...unknown, ...coerceEmbedded(schema, value)] : unknown
  }
  const trim = (object: KubeObject) => {
    const value = object as unknown as JsonObject
    if (embeds) dropUnreadable(schema, value)
    prune(value)
    return object
  }
  return {
    fault: value => metadataFault(value.metadata) ?? (embeds ? embeddedFault(schema, value) : undefined),
    prune,
    trim,
    setDefaults: object => {
      setDefaults(schema, object)
    },
    read(stored) {
      const object = trim(structuredClone(stored))
      setDefaults(schema, object)
      return jsonEqual(object, stored) ? stored : object
    },
  }
}
