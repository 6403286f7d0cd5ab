import { readFileSync } from 'node:fs'
import { getServers } from 'node:dns'
import { isIPv4 } from 'node:net'
import type { KubeletSettings } from '../kubelet/settings.ts'

/** The resolvers of this machine: for pods with dnsPolicy Default, and for names outside of the cluster. */
export function hostDns(): KubeletSettings['hostDns'] {
  return { nameservers: getServers().filter(isIPv4), searches: searchDomains(), options: [] }
}

/** Where there is no resolv.conf (Windows) there are no search domains to pass on either. */
function searchDomains(): string[] {
  try {
    const [line] = readFileSync('/etc/resolv.conf', 'utf8').match(/^search\s+.*$/m) ?? []
    return line?.split(/\s+/).slice(1).filter(Boolean) ?? []
  } catch {
    return []
  }
}
