import type { IngressBackend } from '../../../shared/api/networking.ts'
import type { StatusCause } from '../../../shared/api/object.ts'
import { child, invalid, required } from '../../../shared/machinery/field-errors.ts'
import {
  isDns1123Label,
  isDns1123Subdomain,
  isPathSegmentName,
  isPortName,
  isPortNumber,
} from '../../../shared/machinery/names.ts'
import { invalidFor } from '../faults.ts'

/** Faults of where requests go (pkg/apis/networking/validation validateIngressBackend). */
export function validateIngressBackend({ resource, service }: IngressBackend, path: string): StatusCause[] {
  if (resource && service) return [invalid(path, '', 'cannot set both resource and service backends')]
  if (resource) return validateReference(resource, child(path, 'resource'))
  if (!service) return [invalid(path, '', 'resource or service backend is required')]
  const namePath = child(path, 'service', 'name')
  return [
    ...(service.name ? invalidFor(namePath, service.name, isDns1123Label(service.name)) : [required(namePath)]),
    ...validatePort(service.port ?? {}, path),
  ]
}

function validatePort({ name = '', number = 0 }: { name?: string; number?: number }, path: string): StatusCause[] {
  if (name && number !== 0) return [invalid(path, '', 'cannot set both port name & port number')]
  const at = (field: string) => child(path, 'service', 'port', field)
  if (name) return invalidFor(at('name'), name, isPortName(name))
  return number === 0
    ? [required(path, 'port name or number is required')]
    : invalidFor(at('number'), number, isPortNumber(number))
}

interface Reference {
  apiGroup?: string
  kind: string
  name: string
}

/** Faults of a reference to an object of any kind. */
export function validateReference({ apiGroup, kind, name }: Reference, path: string): StatusCause[] {
  const segment = (field: string, value: string) =>
    value ? invalidFor(child(path, field), value, isPathSegmentName(value)) : [required(child(path, field))]
  return [
    ...(apiGroup === undefined ? [] : invalidFor(child(path, 'apiGroup'), apiGroup, isDns1123Subdomain(apiGroup))),
    ...segment('kind', kind),
    ...segment('name', name),
  ]
}
