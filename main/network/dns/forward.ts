import { createSocket } from 'node:dgram'
import { randomInt } from 'node:crypto'
import { createConnection } from 'node:net'
import type { Clock } from '../../../shared/machinery/clock.ts'
import { framed, readMessages } from './tcp-framing.ts'

interface Forwarding {
  /** The host's resolvers, `address` or `address:port`, asked for with each query: laptops change networks. */
  resolvers: () => string[]
  clock: Clock
}

const answerWithin = 2_000
const tries = 2

/**
 * Passes a query on to the host's resolvers, one after the other, and returns the first answer as it came but for the
 * id; undefined if none answers in time. Over TCP when the asker used TCP, so that large answers arrive whole.
 */
export async function forward(
  query: Buffer,
  { resolvers, clock, tcp }: Forwarding & { tcp: boolean },
): Promise<Buffer | undefined> {
  const id = query.readUInt16BE(0)
  const own = Buffer.from(query)
  for (const resolver of Array.from({ length: tries }, resolvers).flat()) {
    own.writeUInt16BE(randomInt(0x10000), 0)
    const answer = await (tcp ? askTcp : askUdp)(own, split(resolver), clock)
    if (!answer) continue
    answer.writeUInt16BE(id, 0)
    return answer
  }
  return undefined
}

type Ask = (query: Buffer, to: { host: string; port: number }, clock: Clock) => Promise<Buffer | undefined>

const askUdp: Ask = (query, { host, port }, clock) =>
  new Promise(resolve => {
    const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4')
    const end = (answer?: Buffer) => {
      timer[Symbol.dispose]()
      socket.removeAllListeners('error').on('error', () => undefined)
      socket.close()
      resolve(answer)
    }
    const timer = clock.setTimeout(end, answerWithin)
    socket.once('error', () => end())
    // A connected socket takes answers from that resolver only.
    socket.on('message', answer => {
      if (answer.length >= 12 && answer.readUInt16BE(0) === query.readUInt16BE(0)) end(answer)
    })
    // Called with an error, too: a machine that is offline has no route to its resolvers.
    socket.connect(port, host, (error?: Error) => (error ? end() : socket.send(query)))
  })

const askTcp: Ask = async (query, { host, port }, clock) => {
  const socket = createConnection({ host, port })
  using _ = clock.setTimeout(() => socket.destroy(), answerWithin)
  try {
    socket.write(framed(query))
    for await (const answer of readMessages(socket)) if (answer.length >= 12) return answer
    return undefined
  } catch {
    return undefined // as unreachable as one that is silent
  } finally {
    socket.destroy()
  }
}

/** `1.1.1.1`, `1.1.1.1:5353`, `::1`, `[::1]:5353`: what node:dns' getServers gives. */
function split(resolver: string): { host: string; port: number } {
  const match = /^\[(.+)\]:(\d+)$|^([^:]+):(\d+)$/.exec(resolver)
  return match ? { host: match[1] ?? match[3] ?? '', port: Number(match[2] ?? match[4]) } : { host: resolver, port: 53 }
}
