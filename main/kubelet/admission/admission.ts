import type { Node, Pod } from '../../../shared/api/core.ts'
import type { SysctlPattern } from './sysctl-patterns.ts'

export interface Refusal {
  reason: string
  message: string
}

/** A resource of which a node has not enough left: thousandths of CPU, bytes, or a number of anything else. */
export interface Shortage {
  resource: string
  requested: number
  used: number
  capacity: number
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
  /** Ends others for a critical pod that lacks nothing but these; tells why that can't be done. */
  makeRoom: (shortages: readonly Shortage[]) => Refusal | undefined
}
