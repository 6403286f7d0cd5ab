import type { NamedRule } from '../../../shared/api/admissionregistration.ts'
import type { StatusCause } from '../../../shared/api/object.ts'
import { child, index, invalid, notSupported, required } from '../../../shared/machinery/field-errors.ts'
import { optionalOneOf } from '../faults.ts'

const operations = ['*', 'CONNECT', 'CREATE', 'DELETE', 'UPDATE']
const scopes = ['*', 'Cluster', 'Namespaced']

/** The rule of a webhook or, with names of objects, of a policy (pkg/apis/admissionregistration/validation validateRuleWithOperations). */
export function validateRule(rule: NamedRule, path: string): StatusCause[] {
  const given = rule.operations ?? []
  return [
    ...aloneOrMany(given, child(path, 'operations'), 'operations'),
    ...given.flatMap((operation, i) =>
      operations.includes(operation) ? [] : [notSupported(index(child(path, 'operations'), i), operation, operations)],
    ),
    ...aloneOrMany(rule.apiGroups ?? [], child(path, 'apiGroups'), 'API groups'),
    ...aloneOrMany(rule.apiVersions ?? [], child(path, 'apiVersions'), 'API versions'),
    ...(rule.apiVersions ?? []).flatMap((version, i) =>
      version === '' ? [required(index(child(path, 'apiVersions'), i))] : [],
    ),
    ...validateResources(rule.resources ?? [], child(path, 'resources')),
    ...optionalOneOf(child(path, 'scope'), rule.scope, scopes),
  ]
}

/** `*` stands for all and so beside nothing. */
function aloneOrMany(items: readonly string[], path: string, what: string): StatusCause[] {
  if (items.length === 0) return [required(path)]
  const mixed = items.length > 1 && items.includes('*')
  return mixed ? [invalid(path, items, `if '*' is present, must not specify other ${what}`)] : []
}

function validateResources(resources: readonly string[], path: string): StatusCause[] {
  if (resources.length === 0) return [required(path)]
  const faults: StatusCause[] = []
  // What an earlier entry has covered: x/* and */x.
  const wholeResources = new Set<string>()
  const wholeSubresources = new Set<string>()
  resources.forEach((entry, i) => {
    const at = index(path, i)
    if (entry === '') faults.push(required(at))
    const slash = entry.indexOf('/')
    if (slash < 0) return
    const [resource, subresource] = [entry.slice(0, slash), entry.slice(slash + 1)]
    if (wholeResources.has(resource)) {
      faults.push(invalid(at, entry, `if '${resource}/*' is present, must not specify ${entry}`))
    }
    if (wholeSubresources.has(subresource)) {
      faults.push(invalid(at, entry, `if '*/${subresource}' is present, must not specify ${entry}`))
    }
    if (subresource === '*') wholeResources.add(resource)
    if (resource === '*') wholeSubresources.add(subresource)
  })
  if (resources.length > 1 && resources.includes('*/*')) {
    faults.push(invalid(path, resources, "if '*/*' is present, must not specify other resources"))
  }
  // Upstream goes by the last entry that is not empty and has no subresource.
  const last = resources.findLast(entry => entry !== '' && !entry.includes('/'))
  if (resources.includes('*') && last !== undefined && last !== '*') {
    faults.push(invalid(path, resources, "if '*' is present, must not specify other resources without subresources"))
  }
  return faults
}
