import type { Node } from '../../../../shared/api/core.ts'
import type { StatusCause } from '../../../../shared/api/object.ts'
import { child, duplicate, index, invalid } from '../../../../shared/machinery/field-errors.ts'
import { isLabelValue, isQualifiedName } from '../../../../shared/machinery/names.ts'
import { invalidFor, oneOf, repeats } from '../../faults.ts'

type Taint = NonNullable<NonNullable<Node['spec']>['taints']>[number]

/** What a taint may do to pods; in the order of upstream's messages. */
export const taintEffects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute']

/** What is wrong with the taints of a node (validateNodeTaints). */
export function validateTaints(taints: Taint[], path: string): StatusCause[] {
  const repeated = repeats(taints, ({ key, effect }) => `${effect}/${key}`)
  return taints.flatMap((taint, i) => {
    const { key, value = '', effect } = taint
    const at = index(path, i)
    const wrong = isLabelValue(value)
    return [
      ...invalidFor(child(at, 'key'), key, isQualifiedName(key)),
      ...(wrong.length > 0 ? [invalid(child(at, 'value'), value, wrong.join(';'))] : []),
      ...oneOf(child(at, 'effect'), effect, taintEffects),
      ...(repeated[i] ? [uniquePair(at, taint)] : []),
    ]
  })
}

function uniquePair(path: string, { key, value = '', effect, timeAdded }: Partial<Taint>): StatusCause {
  // Upstream prints its internal type, whose fields have no JSON names.
  const fault = duplicate(path, { Key: key, Value: value, Effect: effect, TimeAdded: timeAdded ?? null })
  return { ...fault, message: `${fault.message ?? ''}: taints must be unique by key and effect pair` }
}
