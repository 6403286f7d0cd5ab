import type { KubeObject } from '../../shared/api/object.ts'
import { jsonEqual } from '../../shared/machinery/json-value.ts'

/** `metadata.generation` begins at 1 for kinds whose controllers report `observedGeneration`. */
export function startGeneration(object: KubeObject): void {
  object.metadata.generation = 1
}

/** Counts a change of `spec`. The registry has put the old generation into the new object. */
export function bumpGeneration(object: KubeObject & { spec?: unknown }, old: KubeObject & { spec?: unknown }): void {
  if (!jsonEqual(object.spec, old.spec)) object.metadata.generation = (old.metadata.generation ?? 0) + 1
}
