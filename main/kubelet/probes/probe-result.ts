/** `warning`: a success with a doubt. `unknown`: the probe itself could not be run; it then counts neither way. */
export interface ProbeResult {
  outcome: 'success' | 'warning' | 'failure' | 'unknown'
  /** What the Unhealthy event says after the kind of probe. */
  output: string
}
