import type { Dial } from './dial.ts'
import { dialError } from './http.ts'
import type { ProbeResult } from './probe-result.ts'

/** A TCP probe: a connection that opens is enough (pkg/probe/tcp). */
export async function tcpProbe(
  dial: Dial,
  { host, port, signal }: { host: string; port: number; signal: AbortSignal },
): Promise<ProbeResult> {
  try {
    const socket = await dial(host, port, signal)
    socket.destroy()
    return { outcome: 'success', output: '' }
  } catch (e) {
    const why = signal.aborted ? 'i/o timeout' : dialError(e)
    return { outcome: 'failure', output: `dial tcp ${host}:${port}: ${why}` }
  }
}
