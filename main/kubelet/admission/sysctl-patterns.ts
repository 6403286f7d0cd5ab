import { sysctlName } from './sysctl-name.ts'

/** The kernel's namespace that a parameter belongs to. */
export type SysctlNamespace = 'IPC' | 'Net'

/** Kernel parameters that an `allowedUnsafeSysctls` entry lets pods set. */
export interface SysctlPattern {
  /** With dots; of an entry that ends in `*` what comes before it. */
  name: string
  isPrefix: boolean
  namespace: SysctlNamespace
}

/** component-helpers/node/util/sysctl/namespace.go. */
const namespaced = new Set([
  'kernel.sem',
  'kernel.shmall',
  'kernel.shmmax',
  'kernel.shmmni',
  'kernel.shm_rmid_forced',
  'kernel.shm',
  'kernel.msgmax',
  'kernel.msgmnb',
  'kernel.msgmni',
  'kernel.msg',
])

const segment = '[a-z0-9]([-_a-z0-9]*[a-z0-9])?'
const pattern = new RegExp(`^(${segment}[\\./])*([a-z0-9][-_a-z0-9]*)?[a-z0-9*]$`)

/**
 * An entry of `allowedUnsafeSysctls`, which must be of a namespace that containers have of their own.
 * @throws Error in upstream's words (pkg/kubelet/sysctl/allowlist.go, NewAllowlist).
 */
export function sysctlPattern(entry: string): SysctlPattern {
  if (entry.length > 253 || !pattern.test(entry)) {
    throw new Error(`sysctl "${entry}" must have at most 253 characters and match regex ${pattern.source.slice(1, -1)}`)
  }
  const normal = sysctlName(entry)
  const star = normal.indexOf('*')
  const name = star < 0 ? normal : normal.slice(0, star)
  const namespace = namespaceOf(name)
  if (!namespace) throw new Error(`the sysctls "${name}" are not known to be namespaced`)
  return { name, isPrefix: star >= 0, namespace }
}

function namespaceOf(name: string): SysctlNamespace | undefined {
  if (namespaced.has(name) || name.startsWith('fs.mqueue.')) return 'IPC'
  return name.startsWith('net.') ? 'Net' : undefined
}
