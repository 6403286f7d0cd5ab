import { once } from 'node:events'
import { createConnection } from 'node:net'
import type { Duplex } from 'node:stream'

/**
 * Opens a TCP connection to a pod's address. If nothing listens there it rejects, or, through a tunnel, gives a stream
 * that breaks with the reason.
 */
export type Dial = (target: { host: string; port: number; signal?: AbortSignal }) => Promise<Duplex>

interface DialerOptions {
  /** True where this machine is on the pods' network, which is so when the engine runs on this Linux machine. */
  direct: () => Promise<boolean>
  /** A connection made from a node of the cluster, for engines in a virtual machine or elsewhere. */
  tunnel: (target: { host: string; port: number }) => Promise<Duplex>
}

/** The one way from the engine to pods, which port-forward, proxies and webhooks use. */
export function createDialer({ direct, tunnel }: DialerOptions): Dial {
  return async ({ host, port, signal }) => {
    if (!(await direct())) return tunnel({ host, port })
    const socket = createConnection({ host, port, allowHalfOpen: true })
    const abort = () => socket.destroy(new Error(`dialling ${host}:${port} was cancelled`))
    signal?.addEventListener('abort', abort, { once: true })
    try {
      await once(socket, 'connect')
      return socket
    } finally {
      signal?.removeEventListener('abort', abort)
    }
  }
}
