import type { FlowSchema } from '../../../shared/api/flowcontrol.ts'
import type { StatusCause } from '../../../shared/api/object.ts'
import { child, index, invalid, notSupported, required } from '../../../shared/machinery/field-errors.ts'
import { isDns1123Label } from '../../../shared/machinery/names.ts'

type Rule = NonNullable<FlowSchema['spec']['rules']>[number]
type ResourceRule = NonNullable<Rule['resourceRules']>[number]
type NonResourceRule = NonNullable<Rule['nonResourceRules']>[number]

const verbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'proxy', 'update', 'watch']

/** Faults of which requests for resources a rule is about (ValidateFlowSchemaResourcePolicyRule). */
export function validateResourceRule(rule: ResourceRule, path: string): StatusCause[] {
  const { apiGroups, resources, namespaces = [], clusterScope = false } = rule
  const at = (field: string) => child(path, field)
  const nowhere = 'resource rules that are not cluster scoped must supply at least one namespace'
  const named = namespaces.includes('*') ? [] : namespaces
  return [
    ...validateVerbs(rule.verbs, at('verbs')),
    ...validateList(apiGroups, {
      path: at('apiGroups'),
      others: 'api groups',
      none: 'resource rules must supply at least one api group',
    }),
    ...validateList(resources, {
      path: at('resources'),
      others: 'resources',
      none: 'resource rules must supply at least one resource',
    }),
    ...(namespaces.length === 0
      ? clusterScope
        ? []
        : [required(at('namespaces'), nowhere)]
      : validateList(namespaces, { path: at('namespaces'), others: 'namespaces', none: '' })),
    ...named.flatMap((name, i) =>
      isDns1123Label(name).map(text =>
        invalid(index(at('namespaces'), i), name, `each member of this list must be '*' or a DNS-1123 label; ${text}`),
      ),
    ),
  ]
}

interface ListRules {
  path: string
  /** What must not stand beside a star. */
  others: string
  /** What is said of an empty list. */
  none: string
}

function validateList(values: string[], { path, others, none }: ListRules): StatusCause[] {
  if (values.length === 0) return [required(path, none)]
  return values.length > 1 && values.includes('*')
    ? [invalid(path, values, `if '*' is present, must not specify other ${others}`)]
    : []
}

function validateVerbs(given: string[], path: string): StatusCause[] {
  const none = 'verbs must contain at least one value'
  if (given.length === 0 || given.includes('*')) return validateList(given, { path, others: 'verbs', none })
  return given.every(verb => verbs.includes(verb)) ? [] : [notSupported(path, given, verbs)]
}

/** Faults of which other requests a rule is about (ValidateFlowSchemaNonResourcePolicyRule). */
export function validateNonResourceRule(
  { verbs: given, nonResourceURLs: urls }: NonResourceRule,
  path: string,
): StatusCause[] {
  const at = child(path, 'nonResourceURLs')
  const listFaults = validateList(urls, {
    path: at,
    others: 'non-resource URLs',
    none: 'nonResourceURLs must contain at least one value',
  })
  const named = urls.includes('*') ? [] : urls
  return [
    ...validateVerbs(given, child(path, 'verbs')),
    ...listFaults,
    ...named.flatMap((url, i) => {
      const why = whyNoUrl(url)
      return why === undefined ? [] : [invalid(index(at, i), url, why)]
    }),
  ]
}

function whyNoUrl(url: string): string | undefined {
  if (url === '') return 'must not be empty'
  if (!url.startsWith('/')) return 'must start with slash'
  if (url.includes(' ')) return 'must not contain white-space'
  if (url.includes('//')) return 'must not contain double slash'
  const rest = url.endsWith('/*') ? url.slice(0, -1) : url
  return rest.includes('*') ? 'wildcard can only do suffix matching' : undefined
}
