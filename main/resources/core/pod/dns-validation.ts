import type { PodSpec } from '../../../../shared/api/core.ts'
import type { StatusCause } from '../../../../shared/api/object.ts'
import { child, forbidden, index, invalid, required, tooLong } from '../../../../shared/machinery/field-errors.ts'
import {
  byteLength,
  isDns1123Label,
  isDns1123Subdomain,
  isDns1123SubdomainWithUnderscore,
} from '../../../../shared/machinery/names.ts'
import { invalidFor, oneOf } from '../../faults.ts'
import { validateIp } from '../../ip-faults.ts'

/** Faults of a pod's names and of how it finds others: hostname, aliases, DNS. */
export function validateNaming(spec: PodSpec, path: string): StatusCause[] {
  const { hostname, subdomain, hostAliases = [] } = spec
  const aliasesPath = child(path, 'hostAliases')
  return [
    ...oneOf(child(path, 'dnsPolicy'), spec.dnsPolicy, ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None']),
    ...validateDnsConfig(spec, child(path, 'dnsConfig')),
    ...validateHostnameOverride(spec, child(path, 'hostnameOverride')),
    ...(hostname ? invalidFor(child(path, 'hostname'), hostname, isDns1123Label(hostname)) : []),
    ...(subdomain ? invalidFor(child(path, 'subdomain'), subdomain, isDns1123Label(subdomain)) : []),
    ...hostAliases.flatMap(({ ip = '', hostnames = [] }: { ip?: string; hostnames?: string[] }, i) => [
      ...validateIp(child(index(aliasesPath, i), 'ip'), ip),
      ...hostnames.flatMap((name, j) =>
        invalidFor(index(child(index(aliasesPath, i), 'hostnames'), j), name, isDns1123Subdomain(name)),
      ),
    ]),
  ]
}

/** What resolvers of the C library take. */
const limits = { nameservers: 3, searches: 32, searchCharacters: 2048 }

function validateDnsConfig({ dnsPolicy, dnsConfig }: PodSpec, path: string): StatusCause[] {
  const { nameservers = [], searches = [], options = [] } = dnsConfig ?? {}
  const at = (field: string) => child(path, field)
  if (dnsPolicy === 'None') {
    if (!dnsConfig) return [required(path, 'must provide `dnsConfig` when `dnsPolicy` is None')]
    const detail = 'must provide at least one DNS nameserver when `dnsPolicy` is None'
    if (nameservers.length === 0) return [required(at('nameservers'), detail)]
  }
  const tooMany = (field: string, value: string[], what: string) =>
    invalid(at(field), value, `must not have more than ${what}`)
  const characters = `${limits.searchCharacters} characters (including spaces) in the search list`
  return [
    ...(nameservers.length > limits.nameservers ? [tooMany('nameservers', nameservers, '3 nameservers')] : []),
    ...nameservers.flatMap((server, i) => validateIp(index(at('nameservers'), i), server)),
    ...(searches.length > limits.searches ? [tooMany('searches', searches, '32 search paths')] : []),
    ...(byteLength(searches.join(' ')) > limits.searchCharacters ? [tooMany('searches', searches, characters)] : []),
    ...searches.flatMap((search, i) => {
      const name = search.replace(/\.$/, '')
      return search === '.' ? [] : invalidFor(index(at('searches'), i), name, isDns1123SubdomainWithUnderscore(name))
    }),
    ...options.flatMap(({ name }, i) => (name ? [] : [required(index(at('options'), i), 'must not be empty')])),
  ]
}

function validateHostnameOverride(spec: PodSpec, path: string): StatusCause[] {
  const { hostnameOverride: name } = spec
  if (name === undefined) return []
  return [
    ...(spec.setHostnameAsFQDN ? [forbidden(path, 'may not be specified when setHostnameAsFQDN is true')] : []),
    ...(spec.hostNetwork ? [forbidden(path, 'may not be specified when hostNetwork is true')] : []),
    ...(byteLength(name) > 64 ? [tooLong(path, 64)] : []),
    ...invalidFor(path, name, isDns1123Subdomain(name)),
  ]
}
