import type { Node, Pod } from '../../../shared/api/core.ts'
import type { SysctlPattern } from './sysctl-patterns.ts'

export interface Refusal {
  reason: string
  message: string
}

export interface AdmissionInput {
  pod: Pod
  node: Node
  /** The pods that the node has already taken and that have not ended. */
  others: readonly Pod[]
  /** False if the engine can't confine containers by AppArmor. */
  appArmor?: boolean
  /** Kernel parameters that pods may set although they are not safe. */
  allowedSysctls?: readonly SysctlPattern[]
}
