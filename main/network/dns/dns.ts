import { decode, encode, RECURSION_AVAILABLE, TRUNCATED_RESPONSE, type DecodedPacket, type Packet } from 'dns-packet'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import type { Informers } from '../../../shared/client/informer.ts'
import type { Clock } from '../../../shared/machinery/clock.ts'
import type { Logger } from '../../../shared/machinery/log.ts'
import { answerQuery, reply } from './answer.ts'
import { createClusterView } from './cluster-view.ts'
import { forward } from './forward.ts'
import { framed, readMessages } from './tcp-framing.ts'

/** The cluster's DNS, answered in the engine from its informers. */
export interface Dns {
  /** Serves UDP and TCP on one port of this address; 0 is any. Disposing the result closes both. */
  listen(address: string, port?: number): Promise<AsyncDisposable & { port: number }>
}

interface DnsOptions {
  informers: Informers
  /** `cluster.local` */
  domain: string
  /** The host's resolvers, `address` or `address:port` (node:dns getServers); asked for with each query. */
  resolvers: () => string[]
  clock: Clock
  log: Logger
}

const serverFailure = 2
const plainUdpSize = 512
/** What fits into one packet on any path (DNS flag day 2020). */
const largestUdpSize = 1232
const idleConnection = 10_000

export function createDns({ informers, domain, resolvers, clock, log }: DnsOptions): Dns {
  const view = createClusterView(informers)

  async function respond(message: Buffer, tcp: boolean): Promise<Buffer | undefined> {
    let query: DecodedPacket
    try {
      query = decode(message)
    } catch {
      return undefined // nothing that could be answered
    }
    if (query.type !== 'query') return undefined
    await view.synced
    const found = answerQuery(query, domain, view)
    if (!('elsewhere' in found)) return sized(query, found, tcp)
    if (found.answers.length === 0) {
      const answer = await forward(message, { resolvers, clock, tcp })
      return answer ?? encode(reply(query, { rcode: serverFailure }))
    }
    return sized(query, await chase(query, found), tcp)
  }

  /** Completes an alias that leads out of the cluster with what the host's resolvers know of its target. */
  async function chase(
    query: DecodedPacket,
    { elsewhere, answers }: { elsewhere: string; answers: Packet['answers'] },
  ) {
    const questions = (query.questions ?? []).map(question => ({ ...question, name: elsewhere }))
    const ask = encode({ type: 'query', id: query.id ?? 0, flags: query.flags ?? 0, questions })
    const answer = await forward(ask, { resolvers, clock, tcp: false })
    const known = answer ? (decode(answer).answers ?? []) : []
    return reply(query, { answers: [...(answers ?? []), ...known] })
  }

  async function serveTcp(socket: Socket) {
    socket.setTimeout(idleConnection, () => socket.destroy())
    try {
      for await (const message of readMessages(socket)) {
        const answer = await respond(message, true)
        if (!answer) break
        socket.write(framed(answer))
      }
    } catch (error) {
      log.debug('DNS connection broke', { error })
    } finally {
      socket.destroy()
    }
  }

  return {
    async listen(address, wanted = 0) {
      const sockets = new Set<Socket>()
      const tcp = createServer(socket => {
        sockets.add(socket)
        socket.once('close', () => sockets.delete(socket))
        void serveTcp(socket)
      })
      tcp.listen(wanted, address)
      await once(tcp, 'listening')
      tcp.on('error', error => log.error('DNS connection was not accepted', { error }))
      const { port } = tcp.address() as AddressInfo
      const udp = createSocket(address.includes(':') ? 'udp6' : 'udp4')
      let closed = false
      udp.on('message', (message, from) => {
        respond(message, false)
          .then(answer => answer && !closed && udp.send(answer, from.port, from.address))
          // Sending throws, too: a packet can claim to come from port 0.
          .catch((error: unknown) => log.error('DNS query failed', { error }))
      })
      try {
        udp.bind(port, address)
        await once(udp, 'listening')
      } catch (error) {
        tcp.close()
        throw error
      }
      udp.on('error', error => log.error('DNS socket failed', { error }))
      return {
        port,
        async [Symbol.asyncDispose]() {
          closed = true
          udp.close()
          for (const socket of sockets) socket.destroy()
          tcp.close()
          await once(tcp, 'close')
        },
      }
    },
  }
}

/** Encodes a response; over UDP one that does not fit the asker's buffer is cut and marked, so that it asks over TCP. */
function sized(query: DecodedPacket, response: Packet, tcp: boolean): Buffer {
  const opt = query.additionals?.find(record => record.type === 'OPT')
  const limit = tcp ? 0xffff : Math.min(Math.max(opt?.udpPayloadSize ?? 0, plainUdpSize), largestUdpSize)
  const own = opt ? [{ ...opt, udpPayloadSize: largestUdpSize, options: [] }] : []
  const whole = encode({ ...response, additionals: [...(response.additionals ?? []), ...own] })
  if (whole.length <= limit) return whole
  const flags = (response.flags ?? 0) | TRUNCATED_RESPONSE | RECURSION_AVAILABLE
  return encode({ ...response, flags, answers: [], additionals: own })
}
