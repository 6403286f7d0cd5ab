import type { StatusCause } from '../../../shared/api/object.ts'
import type { ResourceClaim } from '../../../shared/api/resource.ts'
import { child, invalid, required } from '../../../shared/machinery/field-errors.ts'
import { validateList, validateSet } from './bounded.ts'
import { validateConfiguration } from './configuration-validation.ts'
import { validateDnsLabel, validateFullyQualifiedName } from './name-validation.ts'
import { validateRequest } from './request-validation.ts'

type Spec = ResourceClaim['spec']
type Devices = NonNullable<Spec['devices']>
type Constraint = NonNullable<Devices['constraints']>[number]

/** Requests of a claim, constraints and configurations are this many at most. */
export const listLimit = 32

/** Faults of what a claim asks for (pkg/apis/resource/validation validateResourceClaimSpec). */
export function validateClaimSpec({ devices = {} }: Spec, path: string): StatusCause[] {
  const at = (field: string) => child(path, 'devices', field)
  const names = requestNamesOf({ devices })
  return [
    ...validateSet(devices.requests, {
      path: at('requests'),
      max: listLimit,
      keyOf: ({ name }) => name,
      check: validateRequest,
    }),
    ...validateList(devices.constraints, {
      path: at('constraints'),
      max: listLimit,
      check: (constraint, place) => validateConstraint(constraint, place, names),
    }),
    ...validateList(devices.config, {
      path: at('config'),
      max: listLimit,
      check: (config, place) => [
        ...validateRequestRefs(config.requests, child(place, 'requests'), names),
        ...validateConfiguration(config, place),
      ],
    }),
  ]
}

/** The names by which parts of a claim can be spoken of: `request`, `request/alternative`. */
export function requestNamesOf({ devices }: Spec): ReadonlySet<string> {
  const requests = devices?.requests ?? []
  return new Set(
    requests.flatMap(({ name, firstAvailable = [] }) => [name, ...firstAvailable.map(sub => `${name}/${sub.name}`)]),
  )
}

type Names = ReadonlySet<string>

/** Faults of a list of requests that something is about. */
export function validateRequestRefs(refs: string[] | undefined, path: string, names: Names): StatusCause[] {
  return validateSet(refs, {
    path,
    max: listLimit,
    keyOf: name => name,
    check: (name, at) => validateRequestRef(name, at, names),
  })
}

/** Faults of the name of a request (validateRequestNameRef). */
export function validateRequestRef(name: string, path: string, names: Names): StatusCause[] {
  const unknown = invalid(
    path,
    name,
    "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'",
  )
  const parts = name.split('/')
  if (parts.length > 2) return [unknown]
  return [...parts.flatMap(part => validateDnsLabel(part, path)), ...(names.has(name) ? [] : [unknown])]
}

function validateConstraint(constraint: Constraint, path: string, names: Names): StatusCause[] {
  const { requests, matchAttribute: same, distinctAttribute: distinct } = constraint
  const one = 'exactly one of "matchAttribute" or "distinctAttribute" is required, but multiple fields are set'
  const attributeFaults =
    same !== undefined
      ? validateFullyQualifiedName(same, child(path, 'matchAttribute'))
      : distinct !== undefined
        ? validateFullyQualifiedName(distinct, child(path, 'distinctAttribute'))
        : [required(path, one)]
  return [...validateRequestRefs(requests, child(path, 'requests'), names), ...attributeFaults]
}
