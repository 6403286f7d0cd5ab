/** How far a change of a running pod's resources has come (KEP-1287). */
export interface ResizeState {
  /** Why the node can't grant it yet, the generation of the pod that asks for it, and since when (ms) it has to wait. */
  pending?: { message: string; generation: number; since: number }
  /** It was granted, and not all containers have it. */
  progress?: { error?: string }
}
