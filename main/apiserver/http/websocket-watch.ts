import type { IncomingHttpHeaders } from 'node:http'
import { failure } from '../../../shared/machinery/status.ts'
import { jsonAnswer, type Channel, type ServerResponse, type WatchSink } from '../request.ts'

const missingOrigin = failure({
  code: 403,
  reason: 'Forbidden',
  message: 'a WebSocket for a watch needs an Origin header that is a URL',
})

/** What may wait for a client before it counts as behind. */
const limit = 1 << 20

/**
 * A watch as messages of a WebSocket, one event in each (endpoints/handlers/watch.go, HandleWS). What the client sends is
 * ignored. It must say where it comes from, wherever that is: so golang.org/x/net/websocket wants it.
 */
export function watchOverWebSocket(
  response: Extract<ServerResponse, { watch: unknown }>,
  { origin, 'sec-websocket-protocol': offered }: IncomingHttpHeaders,
): ServerResponse {
  if (origin === undefined || !URL.canParse(origin)) return jsonAnswer(403, missingOrigin.status)
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
  return {
    write(frames) {
      for (const frame of frames) {
        const text = frame.line().toString('utf8')
        waiting += text.length
        void channel.send(text).then(() => {
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
    end: () => channel.close(),
  }
}
