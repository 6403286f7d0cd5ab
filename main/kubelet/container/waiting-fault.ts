import { RuntimeFault } from '../runtime.ts'

/** Why a container can't start yet, as its waiting state shows it, and when a try makes sense again. */
export class WaitingFault extends Error {
  override readonly name = 'WaitingFault'
  readonly reason: string
  /** Milliseconds. */
  readonly retryAfter: number

  constructor(fault: { reason: string; message: string; retryAfter: number }) {
    super(fault.message)
    this.reason = fault.reason
    this.retryAfter = fault.retryAfter
  }
}

/** Upstream's pod workers try a failed sync again after 10 s (pkg/kubelet/pod_workers.go, backOffPeriod). */
export const retryPeriod = 10_000

/** The engine can't be reached: nothing to show at a container, the node's condition tells it. */
export const isUnavailable = (e: unknown): boolean => e instanceof RuntimeFault && e.reason === 'RuntimeUnavailable'

/** Any error on the way to a running container as the state to show; unknown ones as `reason`. */
export function toWaiting(e: unknown, reason: string): WaitingFault {
  if (e instanceof WaitingFault) return e
  const message = e instanceof Error ? e.message : String(e)
  return new WaitingFault({ reason: e instanceof RuntimeFault ? e.reason : reason, message, retryAfter: retryPeriod })
}
