import type { Pod } from '../../../shared/api/core.ts'
import type { Refusal } from './admission.ts'
import { sysctlName } from './sysctl-name.ts'
import type { SysctlNamespace, SysctlPattern } from './sysctl-patterns.ts'

/** Those that touch no other pod, by the namespace they belong to (pkg/kubelet/sysctl/safe_sysctls.go); kernels since 4.15 have all. */
const safe: Record<string, SysctlNamespace> = {
  'kernel.shm_rmid_forced': 'IPC',
  'net.ipv4.ip_local_port_range': 'Net',
  'net.ipv4.tcp_syncookies': 'Net',
  'net.ipv4.ping_group_range': 'Net',
  'net.ipv4.ip_unprivileged_port_start': 'Net',
  'net.ipv4.ip_local_reserved_ports': 'Net',
  'net.ipv4.tcp_keepalive_time': 'Net',
  'net.ipv4.tcp_fin_timeout': 'Net',
  'net.ipv4.tcp_keepalive_intvl': 'Net',
  'net.ipv4.tcp_keepalive_probes': 'Net',
  'net.ipv4.tcp_rmem': 'Net',
  'net.ipv4.tcp_wmem': 'Net',
}

/** Why a node that allows some unsafe ones does not let a pod set a kernel parameter (pkg/kubelet/sysctl/allowlist.go). */
export function forbiddenSysctl({ spec }: Pod, allowed: readonly SysctlPattern[] = []): Refusal | undefined {
  const inNode = { IPC: spec.hostIPC ?? false, Net: spec.hostNetwork ?? false }
  for (const name of (spec.securityContext?.sysctls ?? []).map(each => sysctlName(each.name))) {
    const listed = allowed.find(each => (each.isPrefix ? name.startsWith(each.name) : name === each.name))
    const namespace = listed?.namespace ?? (Object.hasOwn(safe, name) ? safe[name] : undefined)
    const why = namespace === undefined ? 'allowlisted' : `allowed with host ${namespace} enabled`
    if (namespace === undefined || inNode[namespace])
      return { reason: 'SysctlForbidden', message: `forbidden sysctl: "${name}" not ${why}` }
  }
  return undefined
}
