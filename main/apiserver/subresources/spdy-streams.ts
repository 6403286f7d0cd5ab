import type { Duplex } from 'node:stream'
import { finished } from 'node:stream/promises'
import type { Clock } from '../../../shared/machinery/clock.ts'
import { timeout } from '../../../shared/machinery/status.ts'
import { serveSpdy } from '../spdy/serve-spdy.ts'
import { outcomeText, type CommandStreams, type WantedStreams } from './command-streams.ts'

/** The protocols of exec and attach by SPDY, best first: by the header X-Stream-Protocol-Version. */
export const spdyProtocols = ['v4.channel.k8s.io', 'v3.channel.k8s.io', 'v2.channel.k8s.io', 'channel.k8s.io']
/** The first one with a stream for the terminal's size. */
const resizing = new Set(['v4.channel.k8s.io', 'v3.channel.k8s.io'])
/** How long a client may take to open its streams (DefaultStreamCreationTimeout). */
const patience = 30_000

interface Options {
  connection: Duplex
  protocol: string
  wanted: WantedStreams
  clock: Clock
}

/**
 * A command's streams by SPDY, each opened by the client under its name in the header `streamtype`. Resolves when all
 * that are wanted are there; rejects if the client goes, or if they don't come.
 */
export function spdyStreams({ connection, protocol, wanted, clock }: Options): Promise<CommandStreams> {
  const { stdin, stdout, stderr, tty } = wanted
  const asked = { error: true, stdin, stdout, stderr, resize: tty && resizing.has(protocol) }
  const missing = new Set(Object.entries(asked).flatMap(([name, is]) => (is ? [name] : [])))
  const streams = new Map<string, Duplex>()
  const gone = new AbortController()
  const ready = Promise.withResolvers<CommandStreams>()
  const timer = clock.setTimeout(() => {
    ready.reject(timeout('timed out waiting for client to create streams'))
    connection.destroy()
  }, patience)

  serveSpdy(connection, {
    accept(stream, headers) {
      const name = headers.get('streamtype') ?? ''
      if (!missing.delete(name)) return false
      streams.set(name, stream)
      if (name !== 'stdin' && name !== 'resize') stream.resume()
      if (missing.size === 0) ready.resolve(complete())
      return true
    },
    closed() {
      gone.abort()
      ready.reject(timeout('the client is gone'))
    },
  })
  const complete = (): CommandStreams => {
    const [input, size] = [streams.get('stdin'), streams.get('resize')]
    return {
      ...(input && { stdin: input }),
      ...(size && { resize: size }),
      output: { stdout: streams.get('stdout'), stderr: streams.get('stderr') },
      gone: gone.signal,
      finish(status) {
        const text = outcomeText(status, { structured: protocol === 'v4.channel.k8s.io' })
        streams.get('error')?.end(text)
        const ended = [...streams.values()].map(stream => finished(stream.end(), { readable: false }))
        void Promise.allSettled(ended).then(() => connection.end())
      },
    }
  }
  return ready.promise.finally(() => timer[Symbol.dispose]())
}
