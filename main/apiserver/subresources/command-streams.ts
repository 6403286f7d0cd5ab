import type { Readable, Writable } from 'node:stream'
import type { Status } from '../../../shared/api/object.ts'
import type { Channel } from '../request.ts'
import { createChannelStreams } from './channel-streams.ts'

/** Which streams of a command a client has asked for. */
export interface WantedStreams {
  readonly stdin: boolean
  readonly stdout: boolean
  readonly stderr: boolean
  readonly tty: boolean
}

/** A client's ends of a command's streams, whatever carries them. All are destroyed when the client goes. */
export interface CommandStreams {
  readonly stdin?: Readable
  readonly output: Readonly<Record<'stdout' | 'stderr', Writable | undefined>>
  /** JSON values one after the other: `{"Width":80,"Height":24}`. */
  readonly resize?: Readable
  /** Aborts when the client is gone. */
  readonly gone: AbortSignal
  /** Tells the outcome after all output, and closes the connection. */
  readonly finish: (status: Status) => void
}

/** The WebSocket subprotocols of exec and attach, best first (apimachinery/pkg/util/remotecommand). */
export const webSocketProtocols = [
  'v5.channel.k8s.io',
  'v4.channel.k8s.io',
  'v4.base64.channel.k8s.io',
  'channel.k8s.io',
  'base64.channel.k8s.io',
]

/** A command's channels, by their numbers: stdin, stdout, stderr, error, resize. */
export function webSocketStreams(channel: Channel, wanted: WantedStreams): CommandStreams {
  const gone = new AbortController()
  const [stdin, stdout, stderr, outcome, resize] = createChannelStreams(channel, 5)
  channel.onClose(() => gone.abort())
  for (const stream of [stdout, stderr, outcome, ...(wanted.stdin ? [] : [stdin])]) stream?.resume()
  // An empty message tells that the connection stands (apiserver/pkg/util/proxy/websocket.go).
  if (wanted.stdout) stdout?.write('')
  else if (wanted.stderr) stderr?.write('')
  return {
    ...(wanted.stdin && stdin && { stdin }),
    output: { stdout: wanted.stdout ? stdout : undefined, stderr: wanted.stderr ? stderr : undefined },
    ...(wanted.tty && resize && { resize }),
    gone: gone.signal,
    finish(status) {
      const text = outcomeText(status, { structured: /^v[45]/.test(channel.protocol) })
      const ended = () => channel.close()
      if (text === '') ended()
      else outcome?.write(text, ended)
    },
  }
}

/** The first protocols know no outcome but a text of what went wrong. */
export function outcomeText(status: Status, { structured }: { structured: boolean }): string {
  if (structured) return JSON.stringify(status)
  return status.status === 'Failure' ? (status.message ?? '') : ''
}
