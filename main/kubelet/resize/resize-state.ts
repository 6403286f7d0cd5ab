/** How far a change of a running pod's resources has come (KEP-1287). */
export interface ResizeState {
  /** Why the node can't grant it yet. */
  pending?: string
  /** It was granted, and not all containers have it. */
  progress?: { error?: string }
}
