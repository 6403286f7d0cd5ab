import type { Node, Pod } from '../../../shared/api/core.ts'

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
}
