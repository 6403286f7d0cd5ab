import type { StatusCause } from '../../../shared/api/object.ts'
import { child, duplicate, index, required } from '../../../shared/machinery/field-errors.ts'
import { repeats } from '../faults.ts'

interface Conditioned {
  status?: { conditions?: { type?: string }[] }
}

/** Each type of condition once (pkg/apis/flowcontrol/validation ValidateFlowSchemaStatus). */
export function validateConditions({ status }: Conditioned): StatusCause[] {
  const conditions = status?.conditions ?? []
  const repeated = repeats(conditions, ({ type = '' }) => type)
  return conditions.flatMap(({ type = '' }, i) => {
    const path = child(index('status.conditions', i), 'type')
    return [...(repeated[i] ? [duplicate(path, type)] : []), ...(type ? [] : [required(path)])]
  })
}
