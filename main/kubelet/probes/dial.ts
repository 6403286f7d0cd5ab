import type { Duplex } from 'node:stream'

/** A stream to a port of a pod's IP. Rejects with an Error whose `code` is the system's, e.g. ECONNREFUSED. */
export type Dial = (ip: string, port: number, signal: AbortSignal) => Promise<Duplex>
