import type { Container, Probe } from '../../../shared/api/core.ts'
import { expand } from '../environment/expand.ts'
import type { HandlerParts, Target } from './handler-parts.ts'
import { runHook, type Hook } from './hooks.ts'
import { httpProbe } from '../probes/http.ts'
import { execProbe } from '../probes/exec.ts'
import { grpcProbe } from '../probes/grpc.ts'
import { portOf } from '../probes/port.ts'
import { tcpProbe } from '../probes/tcp.ts'
import type { ProbeResult } from '../probes/probe-result.ts'

/** Runs what a pod's author wants to be run in or against a container: probes and lifecycle hooks. */
export interface Handlers {
  probe(probe: Probe, target: Target, signal: AbortSignal): Promise<ProbeResult>
  /** Rejects when the hook fails. `sleep` ends early when the signal aborts. */
  hook(hook: Hook, target: Target, signal: AbortSignal): Promise<void>
}

export function createHandlers(parts: HandlerParts): Handlers {
  const { runtime, dial } = parts
  return {
    async probe(probe, target, signal) {
      const { container, ip } = target
      if (probe.exec)
        return execProbe(runtime, target.containerId, {
          command: (probe.exec.command ?? []).map(text => expandStatic(text, container)),
          signal,
          timeoutSeconds: probe.timeoutSeconds ?? 1,
        })
      if (probe.httpGet) return httpProbe(probe.httpGet, { container, ip, dial, signal, purpose: 'probe' })
      if (probe.tcpSocket) {
        const { host, port } = probe.tcpSocket
        return tcpProbe(dial, { host: host ?? ip, port: portOf(port, container), signal })
      }
      if (probe.grpc) {
        const { port, service = '' } = probe.grpc
        return grpcProbe(dial, { ip, port, service, timeoutSeconds: probe.timeoutSeconds ?? 1, signal })
      }
      return { outcome: 'unknown', output: 'missing probe handler' }
    },

    hook: (hook, target, signal) => runHook(hook, target, parts, signal),
  }
}

/** A probe's command knows those variables of its container that are written out (ExpandContainerCommandOnlyStatic). */
const expandStatic = (text: string, { env = [] }: Container) =>
  expand(text, name => env.findLast(e => e.name === name)?.value ?? (env.some(e => e.name === name) ? '' : undefined))

/** On a node where nothing runs there is nothing to ask: probes pass and hooks are done at once. */
export const simulatedHandlers: Handlers = {
  async probe() {
    return { outcome: 'success', output: '' }
  },
  async hook() {},
}
