import { Duplex } from 'node:stream'
import { demultiplex } from '../demultiplex.ts'
import type { NodeAgent } from './agent.ts'

/**
 * A TCP connection made from the node agent, for engines whose network this machine is not on. It breaks with the
 * agent's words if nothing answers.
 */
export async function openTunnel(agent: NodeAgent, { host, port }: { host: string; port: number }): Promise<Duplex> {
  const stream = await agent.stream(['nc', host, String(port)])
  return Duplex.from({ readable: received(stream), writable: stream })
}

async function* received(stream: Duplex): AsyncIterable<Uint8Array> {
  for await (const { stream: from, data } of demultiplex(stream)) {
    if (from === 'stderr') throw new Error(Buffer.from(data).toString().trim())
    yield data
  }
}
