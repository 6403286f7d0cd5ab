import type { Ingress } from '../../../shared/api/networking.ts'
import type { StatusCause } from '../../../shared/api/object.ts'
import { child, index, invalid, required } from '../../../shared/machinery/field-errors.ts'
import { parseIp } from '../../../shared/machinery/ip.ts'
import { isDns1123Subdomain, isWildcardDns1123Subdomain } from '../../../shared/machinery/names.ts'
import { invalidFor, knownOnly } from '../faults.ts'
import { validateIp } from '../ip-faults.ts'
import { validateIngressBackend } from './ingress-backend-validation.ts'

type Rule = NonNullable<Ingress['spec']['rules']>[number]
type HttpPath = NonNullable<Rule['http']>['paths'][number]

const classAnnotation = 'kubernetes.io/ingress.class'

/** Faults of a new Ingress (pkg/apis/networking/validation ValidateIngressCreate). */
export function validateIngress(object: Ingress): StatusCause[] {
  const annotated = object.metadata.annotations?.[classAnnotation]
  const { ingressClassName: name } = object.spec
  const differs = annotated !== undefined && name !== undefined && annotated !== name
  return [
    ...validateSpec(object.spec, {}),
    ...(differs
      ? [
          invalid(
            child('annotations', classAnnotation),
            annotated,
            'must match `ingressClassName` when both are specified',
          ),
        ]
      : []),
  ]
}

/** What is wrong in an old Ingress may stay wrong. */
interface Leniency {
  anySecretName?: boolean
  anyWildcardRule?: boolean
}

/** Faults of a changed Ingress (ValidateIngressUpdate). */
export function validateIngressUpdate({ spec }: Ingress, { spec: old }: Ingress): StatusCause[] {
  const isWildcard = ({ host = '' }: Rule) => host.includes('*')
  return validateSpec(spec, {
    anySecretName: (old.tls ?? []).some(({ secretName = '' }) => secretFaults(secretName).length > 0),
    anyWildcardRule: (old.rules ?? []).some(rule => isWildcard(rule) && validateHttp(rule, '').length > 0),
  })
}

function validateSpec(spec: Ingress['spec'], lenient: Leniency): StatusCause[] {
  const { rules = [], defaultBackend, tls = [], ingressClassName: name } = spec
  const empty = 'either `defaultBackend` or `rules` must be specified'
  return [
    ...(rules.length === 0 && !defaultBackend ? [invalid('spec', spec.rules, empty)] : []),
    ...(defaultBackend ? validateIngressBackend(defaultBackend, 'spec.defaultBackend') : []),
    ...rules.flatMap((rule, i) => validateRule(rule, index('spec.rules', i), lenient)),
    ...tls.flatMap(({ hosts = [], secretName = '' }, i) => {
      const at = (field: string) => child(index('spec.tls', i), field)
      return [
        ...hosts.flatMap((host, j) => validateHost(host, index(at('hosts'), j))),
        ...(lenient.anySecretName ? [] : invalidFor(at('secretName'), secretName, secretFaults(secretName))),
      ]
    }),
    ...(name === undefined ? [] : invalidFor('spec.ingressClassName', name, isDns1123Subdomain(name))),
  ]
}

const secretFaults = (name: string) => (name === '' ? [] : isDns1123Subdomain(name))

function validateHost(host: string, path: string): StatusCause[] {
  return invalidFor(path, host, host.includes('*') ? isWildcardDns1123Subdomain(host) : isDns1123Subdomain(host))
}

function validateRule(rule: Rule, path: string, { anyWildcardRule }: Leniency): StatusCause[] {
  const { host = '' } = rule
  const at = child(path, 'host')
  const skips = anyWildcardRule && host.includes('*')
  return [
    ...(parseIp(host) ? [invalid(at, host, 'must be a DNS name, not an IP address')] : []),
    ...(host ? validateHost(host, at) : []),
    ...(skips ? [] : validateHttp(rule, child(path, 'http'))),
  ]
}

function validateHttp({ http }: Rule, path: string): StatusCause[] {
  if (!http) return []
  const at = child(path, 'paths')
  return [
    ...(http.paths.length === 0 ? [required(at)] : []),
    ...http.paths.flatMap((httpPath, i) => validatePath(httpPath, index(at, i))),
  ]
}

const sequences = ['//', '/./', '/../', '%2f', '%2F']
const endings = ['/..', '/.']

function validatePath({ path: value = '', pathType, backend }: HttpPath, path: string): StatusCause[] {
  const at = child(path, 'path')
  if (!pathType) return [required(child(path, 'pathType'), 'pathType must be specified')]
  const known = ['Exact', 'ImplementationSpecific', 'Prefix']
  const free = pathType === 'ImplementationSpecific'
  const absolute = value.startsWith('/') || (free && value === '') || !known.includes(pathType)
  return [
    ...knownOnly(child(path, 'pathType'), pathType, known),
    ...(absolute ? [] : [invalid(at, value, 'must be an absolute path')]),
    ...(free || !known.includes(pathType) ? [] : validateExactPath(value, at)),
    ...validateIngressBackend(backend, child(path, 'backend')),
  ]
}

function validateExactPath(value: string, path: string): StatusCause[] {
  return [
    ...sequences.filter(text => value.includes(text)).map(text => invalid(path, value, `must not contain '${text}'`)),
    ...endings.filter(text => value.endsWith(text)).map(text => invalid(path, value, `cannot end with '${text}'`)),
  ]
}

/** Faults of the addresses of an Ingress (ValidateIngressLoadBalancerStatus). */
export function validateIngressStatus({ status }: Ingress, old: Ingress): StatusCause[] {
  const known = (old.status?.loadBalancer?.ingress ?? []).map(({ ip }) => ip)
  return (status?.loadBalancer?.ingress ?? []).flatMap(({ ip, hostname }, i) => {
    const at = (field: string) => child(index('status.loadBalancer.ingress', i), field)
    const address = hostname && parseIp(hostname)
    return [
      ...(ip && !known.includes(ip) ? validateIp(at('ip'), ip) : []),
      ...(hostname ? invalidFor(at('hostname'), hostname, isDns1123Subdomain(hostname)) : []),
      ...(address ? [invalid(at('hostname'), hostname, 'must be a DNS name, not an IP address')] : []),
    ]
  })
}
