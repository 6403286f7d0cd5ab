import type { Pod } from '../../../shared/api/core.ts'

/** What a kernel takes as a host name, and as one with its domain (pkg/kubelet/util, GetNodenameForKernel). */
const maxHostname = 63
const maxFullName = 64

/** A pod's host name: `spec.hostnameOverride` or `hostname`, else its name, cut to what a kernel takes (kubelet_pods.go, GeneratePodHostNameAndDomain). */
function podHostname({ metadata, spec }: Pod): string {
  const name = spec.hostnameOverride ?? spec.hostname ?? metadata.name
  return name.length <= maxHostname ? name : name.slice(0, maxHostname).replace(/[-.]+$/, '')
}

/** The name that cluster DNS gives a pod with a subdomain, without its host name; '' if it has none. */
function podDomain({ metadata, spec }: Pod, clusterDomain: string): string {
  if (!spec.subdomain || spec.hostnameOverride !== undefined) return ''
  return `${spec.subdomain}.${metadata.namespace ?? ''}.svc.${clusterDomain}`
}

/** What the kernel of the sandbox is told: the host name, or the whole name with `setHostnameAsFQDN`. Throws if that is too long. */
export function sandboxHostname(pod: Pod, clusterDomain: string): string {
  const domain = podDomain(pod, clusterDomain)
  if (!pod.spec.setHostnameAsFQDN || !domain) return podHostname(pod)
  const name = `${podHostname(pod)}.${domain}`
  if (name.length <= maxFullName) return name
  const why = `FQDN ${name} is too long (${maxFullName} characters is the max, ${name.length} characters requested)`
  throw new Error(`failed to construct FQDN from pod hostname and cluster domain, ${why}`)
}

const localEntries = [
  '127.0.0.1\tlocalhost',
  '::1\tlocalhost ip6-localhost ip6-loopback',
  'fe00::0\tip6-localnet',
  'fe00::0\tip6-mcastprefix',
  'fe00::1\tip6-allnodes',
  'fe00::2\tip6-allrouters',
]

/** /etc/hosts of a pod (pkg/kubelet/kubelet_pods.go, managedHostsFileContent). */
export function hostsFile(pod: Pod, { ip, clusterDomain }: { ip: string; clusterDomain: string }): string {
  const lines = [
    pod.spec.hostNetwork ? '# Kubernetes-managed hosts file (host network).' : '# Kubernetes-managed hosts file.',
    ...localEntries,
  ]
  const domain = podDomain(pod, clusterDomain)
  if (ip && !pod.spec.hostNetwork) {
    lines.push([ip, ...(domain ? [`${podHostname(pod)}.${domain}`] : []), podHostname(pod)].join('\t'))
  }
  const aliases = pod.spec.hostAliases ?? []
  if (aliases.length > 0) lines.push('', '# Entries added by HostAliases.')
  for (const alias of aliases) lines.push([alias.ip, ...(alias.hostnames ?? [])].join('\t'))
  return `${lines.join('\n')}\n`
}
