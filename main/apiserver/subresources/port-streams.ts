import type { Duplex } from 'node:stream'
import type { Clock } from '../../../shared/machinery/clock.ts'
import { serveSpdy } from '../spdy/serve-spdy.ts'
import type { Channel } from '../request.ts'
import { createChannelStreams } from './channel-streams.ts'

/** Called for each connection that a client makes to a port; resolves when it is over. */
export type OnForward = (port: number, streams: { data: Duplex; error: Duplex }) => Promise<void>

/** How long the second stream of a connection may take to come (DefaultStreamCreationTimeout). */
const patience = 30_000

/**
 * Port-forward by SPDY: for each connection the client opens two streams, `data` and `error`, which the header
 * `requestid` makes a pair (cri-streaming, portforward/httpstream.go).
 */
export function servePortsBySpdy(connection: Duplex, { clock, forward }: { clock: Clock; forward: OnForward }): void {
  const waiting = new Map<string, { type: string; stream: Duplex; timer: Disposable }>()
  serveSpdy(connection, {
    accept(stream, headers) {
      const type = headers.get('streamtype') ?? ''
      const port = portOf(headers.get('port') ?? '')
      if ((type !== 'data' && type !== 'error') || port === undefined) return false
      const id = headers.get('requestid') ?? ''
      const other = waiting.get(id)
      if (!other) {
        const timer = clock.setTimeout(() => {
          waiting.delete(id)
          stream.end(type === 'error' ? 'Error creating stream pair: timed out waiting for streams' : undefined)
          stream.resume()
        }, patience)
        waiting.set(id, { type, stream, timer })
        return true
      }
      if (other.type === type) return false
      waiting.delete(id)
      other.timer[Symbol.dispose]()
      const [data, error] = type === 'data' ? [stream, other.stream] : [other.stream, stream]
      void forward(port, { data, error })
      return true
    },
    closed() {
      for (const { timer } of waiting.values()) timer[Symbol.dispose]()
    },
  })
}

/**
 * Port-forward over the channels of a WebSocket: the ports are given beforehand, and each has a channel for data and one
 * for errors, which begin with its number, little-endian (cri-streaming, portforward/websocket.go). The connection ends
 * with the last of them.
 */
export function servePortsByChannels(
  channel: Channel,
  { ports, forward }: { ports: readonly number[]; forward: OnForward },
): void {
  const streams = createChannelStreams(channel, 2 * ports.length)
  const forwards = ports.map((port, at) => {
    const [data, error] = [streams[2 * at], streams[2 * at + 1]]
    if (!data || !error) return Promise.resolve()
    const number = Buffer.from([port & 0xff, port >> 8])
    data.write(number)
    error.write(number)
    return forward(port, { data, error })
  })
  void Promise.all(forwards).then(() => channel.close())
}

/** A port that a client has written; undefined if it is none. */
export function portOf(text: string): number | undefined {
  const port = Number(text)
  return /^\d+$/.test(text) && port > 0 && port < 2 ** 16 ? port : undefined
}
