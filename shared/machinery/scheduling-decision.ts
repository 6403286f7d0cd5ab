import type { NodeRequirement } from './node-selector.ts'
import type { Taint } from './tolerations.ts'

/** The smallest change that would take a reason away, where it can be named. */
export type Fix =
  /** The pod asks for so much less, or the node has so much more free; CPU in thousandths. */
  | { change: 'requests'; resource: string; amount: number }
  | { change: 'uncordon' }
  | { change: 'tolerations'; taint: Taint }
  /** Requirements that the node would have to meet, of the term that is nearest to being met. */
  | { change: 'nodeLabels'; requirements: NodeRequirement[] }
  /** These host ports would have to be free. */
  | { change: 'hostPorts'; ports: string[] }
  /** A label that the node lacks. */
  | { change: 'topologyLabel'; topologyKey: string }
  /** The domain has so many matching pods too many. */
  | { change: 'spread'; topologyKey: string; domain: string; excess: number }
  /** A pod that matches would have to run in the node's domain (or none of them may). */
  | { change: 'podNear' | 'podAway'; topologyKey: string }
  | { change: 'volume'; name: string }

/** Why a node is not for a pod, in upstream's words. */
export interface Reason {
  readonly message: string
  /** True if no pod's departure could change it (UnschedulableAndUnresolvable). */
  readonly unresolvable: boolean
  readonly fix?: Fix
}

/** What one plugin has against a node. */
export interface Rejection {
  readonly plugin: string
  readonly reasons: readonly Reason[]
}

/** What speaks against one node. Of a pod that found a node only the first filter with reasons was asked. */
export interface Verdict {
  readonly node: string
  readonly rejections: readonly Rejection[]
}

/** Why a pod waits or is where it is, as the scheduler tells the window. */
export interface SchedulingDecision {
  /** Milliseconds since the epoch. */
  readonly time: number
  /** The node that was chosen; absent if none would do. */
  readonly node?: string
  /** As in the pod's condition and Event; '' if a node was chosen. */
  readonly message: string
  /** How many nodes were looked at and would not do. */
  readonly rejected: number
  /** Those of them that are nearest to being fit, the nearest first. */
  readonly nearest: readonly Verdict[]
  /** The node where lower pods were made to leave, and who they are. */
  readonly preemption?: { readonly node: string; readonly victims: readonly string[] }
}
