import { Duplex } from 'node:stream'
import type { Channel } from '../request.ts'

/** What a channel holds for a reader that is behind, before the client is made to wait. */
const readAhead = 1 << 20
/** The message of v5 that says that a channel's data have ended: this byte, then the channel's. */
const endOfChannel = 255

/**
 * The channels of a WebSocket, as many as asked for: each message begins with the channel's number, a byte or, in the
 * base64 protocols, a digit (k8s.io/streaming, wsstream). What the client sends on others is ignored. All are destroyed
 * when the client goes.
 */
export function createChannelStreams(channel: Channel, count: number): Duplex[] {
  const base64 = channel.protocol.includes('base64')
  const tellsEnd = channel.protocol === 'v5.channel.k8s.io'
  const full = new Set<Duplex>()
  const ended = new Set<Duplex>()
  const streams = Array.from({ length: count }, (_, number) => {
    const stream = new Duplex({
      readableHighWaterMark: readAhead,
      read() {
        if (full.delete(stream) && full.size === 0) channel.resume()
      },
      write(data: Buffer, _encoding, done) {
        void channel.send(encode(number, data, base64)).then(() => done())
      },
      destroy(error, done) {
        if (full.delete(stream) && full.size === 0) channel.resume()
        done(error)
      },
    })
    // Whoever uses it learns of its end; nobody has to.
    stream.on('error', () => undefined)
    return stream
  })
  channel.onMessage(message => {
    if (tellsEnd && message[0] === endOfChannel) {
      const over = streams[message[1] ?? count]
      if (over && !ended.has(over)) over.push(null)
      if (over) ended.add(over)
      return
    }
    const { number, data } = decode(message, base64)
    const stream = streams[number]
    if (!stream || stream.destroyed || ended.has(stream) || data.length === 0 || stream.push(data)) return
    full.add(stream)
    channel.pause()
  })
  channel.onClose(() => streams.forEach(stream => stream.destroy()))
  return streams
}

/** A connection's bytes as the binary messages of a WebSocket, each side's end as the WebSocket's. */
export function channelTunnel(channel: Channel): Duplex {
  const stream = new Duplex({
    read: () => channel.resume(),
    write(data: Buffer, _encoding, done) {
      void channel.send(data).then(() => done())
    },
    final(done) {
      channel.close()
      done()
    },
    destroy(error, done) {
      channel.close()
      done(error)
    },
  })
  channel.onMessage(message => {
    if (!stream.destroyed && message.length > 0 && !stream.push(message)) channel.pause()
  })
  channel.onClose(() => stream.destroy())
  return stream
}

function decode(message: Buffer, base64: boolean): { number: number; data: Buffer } {
  const first = message[0] ?? 0
  if (!base64) return { number: first, data: message.subarray(1) }
  return { number: first - 0x30, data: Buffer.from(message.subarray(1).toString('latin1'), 'base64') }
}

function encode(number: number, data: Buffer, base64: boolean): Uint8Array | string {
  if (base64) return `${String.fromCharCode(0x30 + number)}${data.toString('base64')}`
  return Buffer.concat([Buffer.from([number]), data])
}
