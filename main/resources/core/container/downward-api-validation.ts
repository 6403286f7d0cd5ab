import type { Container } from '../../../../shared/api/core.ts'
import type { StatusCause } from '../../../../shared/api/object.ts'
import { child, invalid, notSupported, required } from '../../../../shared/machinery/field-errors.ts'
import { isQualifiedName } from '../../../../shared/machinery/names.ts'
import { compareQuantities, formatQuantity } from '../../../../shared/machinery/quantity.ts'
import { invalidFor } from '../../faults.ts'

type ValueFrom = NonNullable<NonNullable<Container['env']>[number]['valueFrom']>
type FieldRef = NonNullable<ValueFrom['fieldRef']>
type ResourceFieldRef = NonNullable<ValueFrom['resourceFieldRef']>

/** What environment variables and files may show of a pod; sorted, as messages list them. */
export const envFields = [
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
]
export const fileFields = [
  'metadata.annotations',
  'metadata.labels',
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
]

/** What a fieldPath can name at all (pkg/apis/core/pods ConvertDownwardAPIFieldLabel). */
const known = new Set([...envFields, ...fileFields, 'spec.restartPolicy', 'spec.schedulerName', 'status.phase'])

/** Faults of a fieldRef (validateObjectFieldSelector). */
export function validateFieldRef(
  { apiVersion, fieldPath }: Partial<FieldRef>,
  rules: { path: string; allowed: string[] },
): StatusCause[] {
  const { path, allowed } = rules
  const at = child(path, 'fieldPath')
  if (!apiVersion) return [required(child(path, 'apiVersion'))]
  if (!fieldPath) return [required(at)]
  const unconvertible = (why: string) => [invalid(at, fieldPath, `error converting fieldPath: ${why}`)]
  if (apiVersion !== 'v1') return unconvertible(`unsupported pod version: ${apiVersion}`)
  const [, map, key] = /^(.+?)\['(.*)'\]$/.exec(fieldPath) ?? []
  if (map !== undefined && key !== undefined) {
    if (map === 'metadata.annotations') return invalidFor(path, key.toLowerCase(), isQualifiedName(key.toLowerCase()))
    if (map === 'metadata.labels') return invalidFor(path, key, isQualifiedName(key))
    return unconvertible(`field label does not support subscript: ${fieldPath}`)
  }
  const field = fieldPath === 'spec.host' ? 'spec.nodeName' : fieldPath
  if (!known.has(field)) return unconvertible(`field label not supported: ${fieldPath}`)
  return allowed.includes(field) ? [] : [notSupported(at, field, allowed)]
}

const resources = [
  'limits.cpu',
  'limits.ephemeral-storage',
  'limits.memory',
  'requests.cpu',
  'requests.ephemeral-storage',
  'requests.memory',
]
const hugePages = /^(limits|requests)\.hugepages-/

/** Faults of a resourceFieldRef (validateContainerResourceFieldSelector). */
export function validateResourceFieldRef(
  ref: Partial<ResourceFieldRef>,
  rules: { path: string; volume: boolean },
): StatusCause[] {
  const { path, volume } = rules
  const { containerName, resource = '', divisor = '0' } = ref
  const faults: StatusCause[] = []
  if (volume && !containerName) faults.push(required(child(path, 'containerName')))
  else if (!resource) faults.push(required(child(path, 'resource')))
  else if (!resources.includes(resource) && !hugePages.test(resource)) {
    faults.push(notSupported(child(path, 'resource'), resource, resources))
  }
  return [...faults, ...validateDivisor({ resource, divisor }, child(path, 'divisor'))]
}

const sizes = ['1', '1k', '1M', '1G', '1T', '1P', '1E', '1Ki', '1Mi', '1Gi', '1Ti', '1Pi', '1Ei']

function validateDivisor({ resource, divisor }: { resource: string; divisor: string }, path: string): StatusCause[] {
  if (compareQuantities(divisor, 0) === 0) return []
  const text = formatQuantity(divisor)
  if (resource.endsWith('.cpu')) {
    const detail = "only divisor's values 1m and 1 are supported with the cpu resource"
    return text === '1' || text === '1m' ? [] : [invalid(path, resource, detail)]
  }
  const noun = hugePages.test(resource)
    ? 'hugepages'
    : { '.memory': 'memory', '.ephemeral-storage': 'local ephemeral storage' }[resource.slice(resource.indexOf('.'))]
  if (noun === undefined || sizes.includes(text)) return []
  return [invalid(path, resource, `only divisor's values ${sizes.join(', ')} are supported with the ${noun} resource`)]
}
