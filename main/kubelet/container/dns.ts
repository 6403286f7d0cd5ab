import type { Pod } from '../../../shared/api/core.ts'

/** What a resolv.conf says. */
export interface DnsConfig {
  nameservers: string[]
  searches: string[]
  /** `ndots:5` */
  options: string[]
}

interface ClusterDns {
  clusterDNS: string
  clusterDomain: string
  hostDns: DnsConfig
}

/** The limits of glibc and of validation.MaxDNSSearchPaths, MaxDNSSearchListChars and DNS1123SubdomainMaxLength. */
const maxNameservers = 3
const maxSearches = 32
const maxSearchLine = 2048
const maxSearch = 253

/** With what is told of lines that were too long. */
interface PodDns extends DnsConfig {
  omissions: string[]
}

/** A pod's resolvers by its dnsPolicy and dnsConfig (pkg/kubelet/network/dns/dns.go, GetPodDNS). */
export function podDns(pod: Pod, { clusterDNS, clusterDomain, hostDns }: ClusterDns): PodDns {
  const base = (): DnsConfig => {
    const policy = pod.spec.dnsPolicy ?? 'ClusterFirst'
    if (policy === 'None') return { nameservers: [], searches: [], options: [] }
    const ofCluster = policy === 'ClusterFirstWithHostNet' || (policy === 'ClusterFirst' && !pod.spec.hostNetwork)
    if (!ofCluster || clusterDNS === '') return hostDns
    const services = `svc.${clusterDomain}`
    return {
      nameservers: [clusterDNS],
      searches: [`${pod.metadata.namespace ?? ''}.${services}`, services, clusterDomain, ...hostDns.searches],
      options: ['ndots:5'],
    }
  }
  const { nameservers, searches, options } = base()
  const extra = pod.spec.dnsConfig
  const extraOptions = (extra?.options ?? []).map(o =>
    o.value == null ? (o.name ?? '') : `${o.name ?? ''}:${o.value}`,
  )
  const nameOf = (option: string) => option.split(':')[0] ?? option
  const overridden = new Set(extraOptions.map(nameOf))
  const all = {
    nameservers: unique([...nameservers, ...(extra?.nameservers ?? [])]),
    searches: unique([...searches, ...(extra?.searches ?? [])]),
  }
  const kept = { nameservers: all.nameservers.slice(0, maxNameservers), searches: fitting(all.searches) }
  const omissions: string[] = []
  if (kept.nameservers.length < all.nameservers.length)
    omissions.push(
      `Nameserver limits were exceeded, some nameservers have been omitted, the applied nameserver line is: ${kept.nameservers.join(' ')}`,
    )
  if (kept.searches.length < all.searches.length)
    omissions.push(
      `Search Line limits were exceeded, some search paths have been omitted, the applied search line is: ${kept.searches.join(' ')}`,
    )
  return { ...kept, options: [...options.filter(o => !overridden.has(nameOf(o))), ...extraOptions], omissions }
}

/** The search paths that resolvers bear (formDNSSearchFitsLimits). */
function fitting(searches: string[]): string[] {
  const kept = searches.slice(0, maxSearches).filter(path => path.length <= maxSearch)
  while (kept.join(' ').length > maxSearchLine) kept.pop()
  return kept
}

/** The text of /etc/resolv.conf. */
export function resolvConf({ nameservers, searches, options }: DnsConfig): string {
  const lines = nameservers.map(n => `nameserver ${n}`)
  if (searches.length > 0) lines.unshift(`search ${searches.join(' ')}`)
  if (options.length > 0) lines.push(`options ${options.join(' ')}`)
  return `${lines.join('\n')}\n`
}

const unique = (values: string[]) => [...new Set(values)]
