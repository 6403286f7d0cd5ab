import type { Status } from '../../../shared/api/object.ts'
import type { ExecSession } from '../../../shared/machinery/streams.ts'
import { isObject } from '../../../shared/machinery/json-value.ts'
import type { Channel } from '../request.ts'

/** The WebSocket subprotocols of exec, best first (apimachinery/pkg/util/remotecommand). */
export const protocols = [
  'v5.channel.k8s.io',
  'v4.channel.k8s.io',
  'v4.base64.channel.k8s.io',
  'channel.k8s.io',
  'base64.channel.k8s.io',
]

/** The first byte of each message. */
const channels = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4, close: 255 } as const

/** How much input may wait for the command before the client is made to wait. */
const inputLimit = 1 << 20

/** A command's streams over one WebSocket. */
export interface RemoteCommand {
  /** The client is gone. */
  readonly closed: boolean
  /** Gives the session what the client has sent and will send; ends it when the client goes. */
  attach(session: ExecSession): void
  /** Resolves when the output has left the process. */
  send(stream: 'stdout' | 'stderr', data: Uint8Array): Promise<void>
  /** Sends the outcome and closes the connection. */
  finish(status: Status): void
}

export function createRemoteCommand(channel: Channel): RemoteCommand {
  const base64 = channel.protocol.includes('base64')
  const hasStatus = channel.protocol.startsWith('v')
  let session: ExecSession | undefined
  let early: Buffer[] = []
  let earlyBytes = 0
  let waiting = 0
  let writes = Promise.resolve()
  let closed = false

  const write = (data: Buffer) => {
    waiting += data.length
    if (waiting > inputLimit) channel.pause()
    writes = writes
      .then(() => session?.write(data))
      // A command that has closed its input wants no more of it.
      .catch(() => undefined)
      .then(() => {
        waiting -= data.length
        if (waiting <= inputLimit) channel.resume()
      })
  }
  const take = (message: Buffer) => {
    const { number, data } = decode(message, base64)
    switch (number) {
      case channels.stdin:
        if (data.length > 0) write(data)
        break
      case channels.resize: {
        const size = sizeOf(data)
        // A size that comes too late has no terminal left.
        if (size) void session?.resize(size).catch(() => undefined)
        break
      }
      case channels.close:
        if (data[0] === channels.stdin) writes = writes.then(() => session?.closeStdin()).catch(() => undefined)
        break
    }
  }
  channel.onMessage(message => {
    if (session) {
      take(message)
      return
    }
    early.push(message)
    earlyBytes += message.length
    if (earlyBytes > inputLimit) channel.pause()
  })
  channel.onClose(() => {
    closed = true
    void session?.[Symbol.asyncDispose]()
  })

  const send = (number: number, data: Uint8Array) => channel.send(encode(number, data, base64))
  return {
    get closed() {
      return closed
    },
    attach(opened) {
      session = opened
      if (closed) void opened[Symbol.asyncDispose]()
      if (earlyBytes > inputLimit) channel.resume()
      early.forEach(take)
      early = []
    },
    send: (stream, data) => send(channels[stream], data),
    finish(status) {
      // The first protocols know no outcome but a text of what went wrong.
      const text = hasStatus ? JSON.stringify(status) : status.status === 'Failure' ? (status.message ?? '') : ''
      void send(channels.error, Buffer.from(text)).then(() => channel.close())
    },
  }
}

function decode(message: Buffer, base64: boolean): { number: number; data: Buffer } {
  const first = message[0] ?? 0
  if (!base64) return { number: first, data: message.subarray(1) }
  return { number: first - 0x30, data: Buffer.from(message.subarray(1).toString('latin1'), 'base64') }
}

function encode(number: number, data: Uint8Array, base64: boolean): Uint8Array | string {
  if (base64) return `${number}${Buffer.from(data).toString('base64')}`
  const message = Buffer.allocUnsafe(data.byteLength + 1)
  message[0] = number
  message.set(data, 1)
  return message
}

/** `{"Width":80,"Height":24}` */
function sizeOf(data: Buffer): { width: number; height: number } | undefined {
  try {
    const size: unknown = JSON.parse(data.toString('utf8'))
    if (!isObject(size)) return undefined
    const { Width: width, Height: height } = size
    return typeof width === 'number' && typeof height === 'number' ? { width, height } : undefined
  } catch {
    return undefined
  }
}
