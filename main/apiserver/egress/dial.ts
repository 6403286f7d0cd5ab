import type { Duplex } from 'node:stream'

/**
 * Opens a TCP connection into the cluster's network, to the address of a pod or a node. cluster.ts passes it in: where the
 * engine's machine is not on that network the way leads through a node. Rejects with an Error whose `code` is the
 * system's (ECONNREFUSED), or gives a stream that breaks with the reason.
 */
export type Dial = (host: string, port: number, signal: AbortSignal) => Promise<Duplex>

/** Where a connection leads: an IP address or, for what is outside of the cluster, a name. */
export interface Address {
  host: string
  port: number
}

/** `10.244.0.7:80`, `[fd00::7]:80` */
export const hostPort = ({ host, port }: Address): string => `${host.includes(':') ? `[${host}]` : host}:${port}`
