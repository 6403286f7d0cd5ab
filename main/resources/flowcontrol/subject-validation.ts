import type { FlowSchema } from '../../../shared/api/flowcontrol.ts'
import type { StatusCause } from '../../../shared/api/object.ts'
import { child, forbidden, required } from '../../../shared/machinery/field-errors.ts'
import { isDns1123Label, isDns1123Subdomain } from '../../../shared/machinery/names.ts'
import { invalidFor, knownOnly } from '../faults.ts'

type Rule = NonNullable<FlowSchema['spec']['rules']>[number]
type Subject = Rule['subjects'][number]

const fields = { Group: 'group', ServiceAccount: 'serviceAccount', User: 'user' } as const
const kinds = Object.keys(fields)

/** Faults of whom a rule is about (ValidateFlowSchemaSubject). */
export function validateSubject(subject: Subject, path: string): StatusCause[] {
  const { kind } = subject
  if (!kinds.includes(kind)) return knownOnly(child(path, 'kind'), kind, kinds)
  return Object.entries(fields).flatMap(([of, field]) => {
    const at = child(path, field)
    if (of !== kind)
      return subject[field] ? [forbidden(at, `${field} is forbidden when subject kind is not '${of}'`)] : []
    return subject[field]
      ? validateNamed(subject, at)
      : [required(at, `${field} is required when subject kind is '${of}'`)]
  })
}

function validateNamed({ kind, group, user, serviceAccount }: Subject, path: string): StatusCause[] {
  const [namePath, namespacePath] = [child(path, 'name'), child(path, 'namespace')]
  if (kind !== 'ServiceAccount') {
    const name = kind === 'Group' ? group?.name : user?.name
    return name ? [] : [required(namePath)]
  }
  const { name = '', namespace = '' } = serviceAccount ?? {}
  return [
    ...(name ? invalidFor(namePath, name, name === '*' ? [] : isDns1123Subdomain(name)) : [required(namePath)]),
    ...(namespace
      ? invalidFor(namespacePath, namespace, isDns1123Label(namespace))
      : [required(namespacePath, 'must specify namespace for service account')]),
  ]
}
