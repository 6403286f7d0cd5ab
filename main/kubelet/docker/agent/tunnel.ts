import { Duplex } from 'node:stream'
import { demultiplex } from '../demultiplex.ts'
import type { NodeAgent } from './agent.ts'

/**
 * A TCP connection made from the node agent, for engines whose network this machine is not on. It breaks with the
 * agent's words if nothing answers.
 */
export async function openTunnel(agent: NodeAgent, { host, port }: { host: string; port: number }): Promise<Duplex> {
  const stream = await agent.stream(['nc', host, String(port)])
  stream.on('error', () => undefined) // reading and writing fail by themselves
  const chunks = received(stream)[Symbol.asyncIterator]()
  return new Duplex({
    read() {
      chunks.next().then(
        ({ done, value }) => this.push(done === true ? null : value),
        (error: unknown) => this.destroy(error instanceof Error ? error : new Error(String(error))),
      )
    },
    write: (data, _encoding, done) => stream.write(data, done),
    final: done => stream.end(done),
    destroy(error, done) {
      stream.destroy()
      done(error)
    },
  })
}

async function* received(stream: Duplex): AsyncIterable<Uint8Array> {
  for await (const { stream: from, data } of demultiplex(stream)) {
    if (from === 'stderr') throw new Error(Buffer.from(data).toString().trim())
    yield data
  }
}
