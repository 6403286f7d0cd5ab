import type { Pod } from '../../../shared/api/core.ts'
import type { NodeInfo } from '../node-infos.ts'

/** Why a node is not for a pod, in upstream's words. */
export interface Reason {
  message: string
  /** True if no pod's departure could change it (UnschedulableAndUnresolvable). */
  unresolvable: boolean
}

/** A filter plugin: reasons against a node; none means that the pod may go there. */
export interface Filter {
  /** The plugin's upstream name. */
  readonly name: string
  reasons(pod: Pod, info: NodeInfo): Reason[]
}

/** One reason that nothing but a change of the node or the pod can remove. */
export const unresolvable = (message: string): Reason[] => [{ message, unresolvable: true }]
