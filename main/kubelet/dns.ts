import type { Pod } from '../../shared/api/core.ts'

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

/** The limits of glibc and of validation.MaxDNSSearchPaths. */
const maxNameservers = 3
const maxSearches = 32

/** A pod's resolvers by its dnsPolicy and dnsConfig (pkg/kubelet/network/dns/dns.go, GetPodDNS). */
export function podDns(pod: Pod, { clusterDNS, clusterDomain, hostDns }: ClusterDns): DnsConfig {
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
  return {
    nameservers: unique([...nameservers, ...(extra?.nameservers ?? [])]).slice(0, maxNameservers),
    searches: unique([...searches, ...(extra?.searches ?? [])]).slice(0, maxSearches),
    options: [...options.filter(o => !overridden.has(nameOf(o))), ...extraOptions],
  }
}

/** The text of /etc/resolv.conf. */
export function resolvConf({ nameservers, searches, options }: DnsConfig): string {
  const lines = nameservers.map(n => `nameserver ${n}`)
  if (searches.length > 0) lines.unshift(`search ${searches.join(' ')}`)
  if (options.length > 0) lines.push(`options ${options.join(' ')}`)
  return `${lines.join('\n')}\n`
}

const unique = (values: string[]) => [...new Set(values)]
