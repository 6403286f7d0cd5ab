import type { Container, Pod } from '../../../shared/api/core.ts'
import type { EventRecorder } from '../../../shared/client/recorder.ts'
import type { Dial } from '../probes/dial.ts'
import type { Runtime } from '../runtime.ts'

/** A running container, as probes and hooks reach it. */
export interface Target {
  pod: Pod
  container: Container
  containerId: string
  /** The pod's IP. */
  ip: string
}

/** What probes and hooks are run with. */
export interface HandlerParts {
  runtime: Runtime
  dial: Dial
  recorder: EventRecorder
  sleep: (ms: number, signal: AbortSignal) => Promise<void>
}
