import {
  isConditionTrue,
  type CustomResourceDefinition,
  type CustomResourceNames,
} from '../../../shared/api/apiextensions.ts'
import { quote } from '../../../shared/machinery/field-errors.ts'
import { jsonEqual } from '../../../shared/machinery/json-value.ts'
import { withCondition } from '../../resources/apiextensions/definition-condition.ts'

/**
 * The status of a definition that its names are accepted for, those that no other of its group has
 * (controller/status/naming_controller.go); it is established with them at once. Undefined: nothing to change. `group` is all
 * definitions of the group.
 */
export function acceptNames(
  crd: CustomResourceDefinition,
  group: readonly CustomResourceDefinition[],
  now: number,
): CustomResourceDefinition['status'] | undefined {
  const accepted = crd.status?.acceptedNames
  const hasNames = accepted !== undefined && jsonEqual(accepted, crd.spec.names)
  if (hasNames && isConditionTrue(crd, 'NamesAccepted') && isConditionTrue(crd, 'Established')) return undefined
  const { names, conflict } = chooseNames(crd.spec.names, accepted, takenIn(group))
  const withNames = withCondition({ ...crd.status, acceptedNames: names }, now, {
    type: 'NamesAccepted',
    status: conflict ? 'False' : 'True',
    reason: conflict?.reason ?? 'NoConflicts',
    message: conflict?.message ?? 'no conflicts found',
  })
  const status = established(crd, withNames, { now, accepted: !conflict })
  return jsonEqual(status, crd.status) ? undefined : status
}

type Status = NonNullable<CustomResourceDefinition['status']>

/** Once established, a definition stays so, with the names that it had. */
function established(crd: CustomResourceDefinition, status: Status, given: { now: number; accepted: boolean }): Status {
  if (isConditionTrue(crd, 'Established')) return status
  if (!given.accepted) {
    const message = 'not all names are accepted'
    return withCondition(status, given.now, { type: 'Established', status: 'False', reason: 'NotAccepted', message })
  }
  const message = 'the initial names have been accepted'
  return withCondition(status, given.now, {
    type: 'Established',
    status: 'True',
    reason: 'InitialNamesAccepted',
    message,
  })
}

interface Taken {
  resources: ReadonlySet<string>
  kinds: ReadonlySet<string>
}

function takenIn(group: readonly CustomResourceDefinition[]): Taken {
  const names = group.flatMap(({ status }) => (status?.acceptedNames ? [status.acceptedNames] : []))
  return {
    resources: new Set(
      names.flatMap(({ plural, singular = '', shortNames = [] }) => [plural, singular, ...shortNames]),
    ),
    kinds: new Set(names.flatMap(({ kind, listKind = '' }) => [kind, listKind])),
  }
}

interface Chosen {
  names: CustomResourceNames
  /** The last of the conflicts, as upstream has it. */
  conflict: { reason: string; message: string } | undefined
}

function chooseNames(asked: CustomResourceNames, had: CustomResourceNames | undefined, taken: Taken): Chosen {
  const old: CustomResourceNames = had ?? { plural: '', singular: '', kind: '', listKind: '' }
  const names: CustomResourceNames = { ...old }
  let conflict: Chosen['conflict']
  const take = (name: 'plural' | 'singular' | 'kind' | 'listKind', by: ReadonlySet<string>) => {
    const wanted = asked[name] ?? ''
    if (wanted === (old[name] ?? '') || !by.has(wanted)) names[name] = wanted
    else conflict = { reason: `${reasons[name]}Conflict`, message: `${quote(wanted)} is already in use` }
  }
  take('plural', taken.resources)
  take('singular', taken.resources)
  const clashes = (asked.shortNames ?? []).filter(
    short => !old.shortNames?.includes(short) && taken.resources.has(short),
  )
  if (clashes.length > 0) {
    const texts = clashes.map(short => `${quote(short)} is already in use`)
    conflict = {
      reason: 'ShortNamesConflict',
      message: texts.length === 1 ? (texts[0] ?? '') : `[${texts.join(', ')}]`,
    }
  } else setOrDelete(names, 'shortNames', asked.shortNames)
  take('kind', taken.kinds)
  take('listKind', taken.kinds)
  setOrDelete(names, 'categories', asked.categories)
  return { names, conflict }
}

const reasons = { plural: 'Plural', singular: 'Singular', kind: 'Kind', listKind: 'ListKind' }

function setOrDelete(names: CustomResourceNames, name: 'shortNames' | 'categories', value: string[] | undefined): void {
  if (value) names[name] = value
  else Reflect.deleteProperty(names, name)
}
