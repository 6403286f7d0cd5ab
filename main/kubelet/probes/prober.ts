import type { Probe } from '../../../shared/api/core.ts'
import type { EventRecorder } from '../../../shared/client/recorder.ts'
import type { Clock } from '../../../shared/machinery/clock.ts'
import { containerPath } from '../container/container-path.ts'
import type { Target } from '../container/handler-parts.ts'
import type { Handlers } from '../container/handlers.ts'
import type { ContainerHealth } from '../pod/pod-actions.ts'
import { createProbeHistory, type ProbeHistory } from './probe-history.ts'
import { createProbeLoop } from './probe-loop.ts'
import type { ProbeLoop } from './probe-loop.ts'

/** A running container that may have probes. */
interface ProbeTarget extends Target {
  /** Milliseconds since the epoch. */
  startedAt: number
  /** What its status in the API says: after a restart of the kubelet a container that was ready stays so until a probe fails. */
  before: { started: boolean; ready: boolean }
}

/** Probes the running containers of all pods; `changed` is called when a pod's health is not what it was. */
export interface Prober {
  /** The running containers of a pod; those named before and no more are not probed any longer. */
  update(podUid: string, targets: ProbeTarget[]): void
  /** The pod ends: nothing is to kill its containers any more, while readiness is still asked for. */
  ending(podUid: string): void
  health(containerId: string): ContainerHealth
  ready(containerId: string): boolean
  /** What was answered lately; kept until the pod is forgotten. */
  readonly history: Omit<ProbeHistory, 'add'>
}

interface Parts {
  handlers: Handlers
  recorder: EventRecorder
  clock: Clock
  changed: (podUid: string) => void
}

interface Probed {
  target: ProbeTarget
  startup?: ProbeLoop
  liveness?: ProbeLoop
  readiness?: ProbeLoop
}

type Kind = 'Startup' | 'Liveness' | 'Readiness'
const probeNames = { Startup: 'startup', Liveness: 'liveness', Readiness: 'readiness' } as const

export function createProber({ handlers, recorder, clock, changed }: Parts): Prober & Disposable {
  const pods = new Map<string, Map<string, Probed>>()
  const history = createProbeHistory()
  const find = (containerId: string) => {
    for (const containers of pods.values()) {
      const found = containers.get(containerId)
      if (found) return found
    }
    return undefined
  }

  function loop(kind: Kind, probe: Probe, target: ProbeTarget): ProbeLoop {
    const { pod, container, startedAt } = target
    const event = (reason: string, message: string) =>
      recorder.event(pod, 'Warning', reason, message, { fieldPath: containerPath(pod, container) })
    return createProbeLoop({
      probe,
      startedAt,
      clock,
      initial: kind === 'Liveness' || (kind === 'Readiness' && target.before.ready) ? 'success' : 'failure',
      // A container that is to be killed is left alone until the next one runs.
      endsOnFailure: kind !== 'Readiness',
      endsOnSuccess: kind === 'Startup',
      run: signal => handlers.probe(probe, target, signal),
      onResult({ outcome, output }, asked) {
        const answer = { time: new Date(asked).toISOString(), milliseconds: clock.now() - asked, outcome, output }
        history.add(pod.metadata.uid, { container: container.name, probe: probeNames[kind] }, answer)
        if (outcome === 'warning') event('ProbeWarning', `${kind} probe warning: ${output}`)
        if (outcome === 'failure') event('Unhealthy', `${kind} probe failed: ${output}`)
        if (outcome === 'unknown') event('Unhealthy', `${kind} probe errored and resulted in unknown state: ${output}`)
      },
      onChange() {
        if (kind === 'Startup') begin(target.containerId)
        changed(pod.metadata.uid)
      },
    })
  }

  /** Liveness and readiness are asked once the startup probe has passed. */
  function begin(containerId: string) {
    const probed = find(containerId)
    if (!probed || probed.startup?.result === 'failure') return
    const { livenessProbe, readinessProbe } = probed.target.container
    if (livenessProbe) probed.liveness ??= loop('Liveness', livenessProbe, probed.target)
    if (readinessProbe) probed.readiness ??= loop('Readiness', readinessProbe, probed.target)
  }

  function end(probed: Probed) {
    for (const each of [probed.startup, probed.liveness, probed.readiness]) each?.[Symbol.dispose]()
  }

  return {
    history,
    update(podUid, targets) {
      const known = pods.get(podUid) ?? new Map<string, Probed>()
      pods.set(podUid, known)
      for (const [id, probed] of known) {
        if (targets.some(t => t.containerId === id)) continue
        end(probed)
        known.delete(id)
      }
      for (const target of targets) {
        if (known.has(target.containerId)) continue
        const probed: Probed = { target }
        known.set(target.containerId, probed)
        const { startupProbe } = target.container
        if (startupProbe && !target.before.started) probed.startup = loop('Startup', startupProbe, target)
        else begin(target.containerId)
      }
      if (known.size === 0) pods.delete(podUid)
    },
    ending(podUid) {
      for (const probed of pods.get(podUid)?.values() ?? []) {
        for (const each of [probed.startup, probed.liveness]) each?.[Symbol.dispose]()
        delete probed.startup
        delete probed.liveness
      }
    },
    health(containerId) {
      const { startup, liveness } = find(containerId) ?? {}
      const failed = startup?.failed ? 'startup' : liveness?.failed ? 'liveness' : undefined
      return { started: startup?.result !== 'failure', ...(failed && { failed }) }
    },
    ready(containerId) {
      const probed = find(containerId)
      return (
        probed !== undefined && (probed.target.container.readinessProbe ? probed.readiness?.result === 'success' : true)
      )
    },
    [Symbol.dispose]() {
      for (const containers of pods.values()) for (const probed of containers.values()) end(probed)
      pods.clear()
    },
  }
}
