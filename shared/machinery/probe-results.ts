/** One answer to a probe. */
export interface ProbeAnswer {
  /** When it was asked, RFC 3339 with milliseconds. */
  readonly time: string
  /** How long the answer took. */
  readonly milliseconds: number
  /** `warning`: a success with a doubt. `unknown`: the probe could not be run; it then counts neither way. */
  readonly outcome: 'success' | 'warning' | 'failure' | 'unknown'
  /** What the command, the server or the network said; its beginning if that is long. */
  readonly output: string
}

/** The last answers to one probe of a container, newest first; they outlive the run of the container that gave them. */
export interface ProbeResults {
  readonly container: string
  readonly probe: 'startup' | 'liveness' | 'readiness'
  readonly answers: readonly ProbeAnswer[]
}
