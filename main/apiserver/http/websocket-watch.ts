import type { Channel, ServerResponse, WatchSink } from '../request.ts'

/** What may wait for a client before it counts as behind. */
const limit = 1 << 20

/** A watch as messages of a WebSocket, one event in each (endpoints/handlers/watch.go, HandleWS). What the client sends is ignored. */
export function watchOverWebSocket(
  response: Extract<ServerResponse, { watch: unknown }>,
  offered: string | undefined,
): Extract<ServerResponse, { protocols: readonly string[] }> {
  return {
    status: 101,
    headers: response.headers,
    // Upstream minds none of them, and a client that offers some wants one of them back.
    protocols: (offered ?? '').split(',').map(name => name.trim()),
    serve(channel) {
      channel.onMessage(() => undefined)
      const watch = response.watch(channelSink(channel))
      channel.onClose(() => watch[Symbol.dispose]())
    },
  }
}

function channelSink(channel: Channel): WatchSink {
  let waiting = 0
  let caughtUp = () => {}
  let last = Promise.resolve()
  return {
    write(frames) {
      for (const frame of frames) {
        const text = frame.line().toString('utf8')
        waiting += text.length
        last = channel.send(text).then(() => {
          const behind = waiting > limit
          waiting -= text.length
          if (behind && waiting <= limit) caughtUp()
        })
      }
      return waiting <= limit
    },
    drained(listener) {
      caughtUp = listener
    },
    end: () => void last.then(() => channel.close()),
  }
}
