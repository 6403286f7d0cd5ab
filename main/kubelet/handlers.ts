import type { Container, Pod, Probe } from '../../shared/api/core.ts'
import { dialError, httpGet, httpProbe } from './probes/http.ts'
import type { Dial } from './probes/dial.ts'
import { execCommand, execProbe } from './probes/exec.ts'
import { grpcProbe } from './probes/grpc.ts'
import { portOf } from './probes/port.ts'
import { tcpProbe } from './probes/tcp.ts'
import type { ProbeResult } from './probes/probe-result.ts'
import type { Runtime } from './runtime.ts'

type Hook = NonNullable<NonNullable<Container['lifecycle']>['postStart']>

/** A running container, as probes and hooks reach it. */
export interface Target {
  pod: Pod
  container: Container
  containerId: string
  /** The pod's IP. */
  ip: string
}

/** Runs what a pod's author wants to be run in or against a container: probes and lifecycle hooks. */
export interface Handlers {
  probe(probe: Probe, target: Target, signal: AbortSignal): Promise<ProbeResult>
  /** Rejects when the hook fails. `sleep` ends early when the signal aborts. */
  hook(hook: Hook, target: Target, signal: AbortSignal): Promise<void>
}

interface Parts {
  runtime: Runtime
  dial: Dial
  sleep: (ms: number, signal: AbortSignal) => Promise<void>
}

export function createHandlers({ runtime, dial, sleep }: Parts): Handlers {
  return {
    async probe(probe, target, signal) {
      const { container, ip } = target
      if (probe.exec)
        return execProbe(runtime, target.containerId, {
          command: probe.exec.command ?? [],
          signal,
          timeoutSeconds: probe.timeoutSeconds ?? 1,
        })
      if (probe.httpGet) return httpProbe(probe.httpGet, { container, ip, dial, signal })
      if (probe.tcpSocket) {
        const { host, port } = probe.tcpSocket
        return tcpProbe(dial, { host: host ?? ip, port: portOf(port, container), signal })
      }
      if (probe.grpc) return grpcProbe(dial, { ip, port: probe.grpc.port, service: probe.grpc.service ?? '', signal })
      return { outcome: 'unknown', output: 'missing probe handler' }
    },

    async hook(hook, { container, containerId, ip }, signal) {
      if (hook.exec) {
        const { exitCode } = await execCommand(runtime, containerId, { command: hook.exec.command ?? [], signal })
        if (exitCode !== 0) throw new Error(`command '${(hook.exec.command ?? []).join(' ')}' exited with ${exitCode}`)
      } else if (hook.httpGet) {
        const { status } = await httpGet(hook.httpGet, { container, ip, dial, signal }).catch((e: unknown) => {
          throw new Error(dialError(e))
        })
        if (status >= 400) throw new Error(`HTTP hook failed with statuscode: ${status}`)
      } else if (hook.sleep) await sleep(hook.sleep.seconds * 1000, signal)
      else throw new Error('invalid handler: missing hook handler')
    },
  }
}

/** On a node where nothing runs there is nothing to ask: probes pass and hooks are done at once. */
export const simulatedHandlers: Handlers = {
  async probe() {
    return { outcome: 'success', output: '' }
  },
  async hook() {},
}
