import type { Probe } from '../../../shared/api/core.ts'
import type { Clock } from '../../../shared/machinery/clock.ts'
import type { ProbeResult } from './probe-result.ts'

/** One probe of one container, asked each period until it is disposed of or has come to its end. */
export interface ProbeLoop extends Disposable {
  /** What the thresholds made of the answers so far. */
  readonly result: 'success' | 'failure'
  /** `failureThreshold` failures in a row: not the initial state of a probe that has not answered yet. */
  readonly failed: boolean
}

interface Options {
  probe: Probe
  /** Milliseconds since the epoch; the initial delay counts from here. */
  startedAt: number
  clock: Clock
  initial: 'success' | 'failure'
  endsOnFailure: boolean
  endsOnSuccess: boolean
  run(signal: AbortSignal): Promise<ProbeResult>
  /** `asked`: when, in milliseconds since the epoch. */
  onResult(result: ProbeResult, asked: number): void
  onChange(): void
}

const maxTries = 3

/** Defaults as the API server sets them (wire: Probe). */
export function createProbeLoop(options: Options): ProbeLoop {
  const { probe, startedAt, clock } = options
  const period = (probe.periodSeconds ?? 10) * 1000
  const threshold = { success: probe.successThreshold ?? 1, failure: probe.failureThreshold ?? 3 }
  const stop = new AbortController()
  const state = { result: options.initial, failed: false }
  let streak = { outcome: 'unknown' as 'success' | 'failure' | 'unknown', length: 0 }
  let timer: Disposable | undefined

  const schedule = (at: number) => {
    timer = clock.setTimeout(() => void ask(), Math.max(0, at - clock.now()))
  }

  async function ask(): Promise<void> {
    const asked = clock.now()
    const result = await tried()
    if (stop.signal.aborted) return
    options.onResult(result, asked)
    const outcome = result.outcome === 'warning' ? 'success' : result.outcome
    // An answer that could not be had counts neither way (pkg/kubelet/prober/worker.go, doProbe).
    if (outcome !== 'unknown') {
      streak = streak.outcome === outcome ? { outcome, length: streak.length + 1 } : { outcome, length: 1 }
      if (streak.length >= threshold[outcome]) settle(outcome)
    }
    const over = (state.failed && options.endsOnFailure) || (state.result === 'success' && options.endsOnSuccess)
    if (!over) schedule(Math.max(asked + period, clock.now()))
  }

  function settle(outcome: 'success' | 'failure') {
    const failed = outcome === 'failure'
    if (state.result === outcome && state.failed === failed) return
    state.result = outcome
    state.failed = failed
    options.onChange()
  }

  /** A probe that can't be run is tried again at once (prober.go, runProbeWithRetries). */
  async function tried(): Promise<ProbeResult> {
    let result = await withTimeout()
    for (let tries = 1; tries < maxTries && result.outcome === 'unknown' && !stop.signal.aborted; tries++)
      result = await withTimeout()
    return result
  }

  async function withTimeout(): Promise<ProbeResult> {
    const timeout = new AbortController()
    const abort = () => timeout.abort()
    stop.signal.addEventListener('abort', abort)
    using _ = clock.setTimeout(abort, (probe.timeoutSeconds ?? 1) * 1000)
    try {
      return await options.run(timeout.signal)
    } catch (e) {
      return { outcome: 'unknown', output: e instanceof Error ? e.message : String(e) }
    } finally {
      stop.signal.removeEventListener('abort', abort)
    }
  }

  schedule(startedAt + (probe.initialDelaySeconds ?? 0) * 1000)
  return {
    get result() {
      return state.result
    },
    get failed() {
      return state.failed
    },
    [Symbol.dispose]() {
      stop.abort()
      timer?.[Symbol.dispose]()
    },
  }
}
