import type { Pod } from '../../../../shared/api/core.ts'
import type { StatusCause } from '../../../../shared/api/object.ts'
import { forbidden } from '../../../../shared/machinery/field-errors.ts'
import { jsonEqual } from '../../../../shared/machinery/json-value.ts'
import { bumpGeneration } from '../../generation.ts'
import { dropDisabledFields } from './disabled-fields.ts'
import { keepAllBut } from './pod-part.ts'
import { mirrorAnnotation, validatePodAndAnnotations } from './pod-validation.ts'
import { differences } from '../spec-difference.ts'

/** Of a write to `/ephemeralcontainers`, nothing but them counts (podEphemeralContainersStrategy). */
export function prepareEphemeralContainers(object: Pod, old: Pod): void {
  const { ephemeralContainers } = object.spec
  keepAllBut(object, old, spec => {
    if (ephemeralContainers) spec.ephemeralContainers = ephemeralContainers
    else delete spec.ephemeralContainers
  })
  dropDisabledFields(object.spec)
  bumpGeneration(object, old)
}

/** They are only added to: what is there neither goes nor changes (ValidatePodEphemeralContainersUpdate). */
export function validateEphemeralContainersUpdate(object: Pod, old: Pod): StatusCause[] {
  if (old.metadata.annotations?.[mirrorAnnotation] !== undefined) {
    return [forbidden('', 'static pods do not support ephemeral containers')]
  }
  const now = new Map((object.spec.ephemeralContainers ?? []).map(container => [container.name, container]))
  const path = 'spec.ephemeralContainers'
  const changes = (old.spec.ephemeralContainers ?? []).flatMap(before => {
    const after = now.get(before.name)
    const existing = `existing ephemeral containers "${before.name}" may not be`
    if (!after) return [forbidden(path, `${existing} removed\n`)]
    return jsonEqual(before, after) ? [] : [forbidden(path, `${existing} changed\n${differences(before, after)}`)]
  })
  return [...validatePodAndAnnotations(object), ...changes]
}
