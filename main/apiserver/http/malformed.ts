import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { badRequest, failure, type StatusError } from '../../../shared/machinery/status.ts'
import { refusalText } from './by-hand.ts'

/** What a connection carries at the moment. */
export interface UnderWay {
  readonly message: IncomingMessage
  readonly response: ServerResponse
}

/**
 * Ends a connection whose bytes are no HTTP, or whose client takes too long: with a Status, unless a request before them is
 * still to be answered, which the client would take it for.
 */
export function refuseMalformed(error: NodeJS.ErrnoException, socket: Duplex, underWay: UnderWay | undefined): void {
  if (!socket.writable) {
    socket.destroy()
    return
  }
  const { message, response } = underWay ?? {}
  if (message?.complete && response && !response.writableFinished) {
    response.once('close', () => socket.destroy())
    return
  }
  // The rest of an answer that has begun can't be told from this one.
  if (response?.headersSent && !response.writableFinished) socket.destroy()
  else socket.end(refusalText(faultOf(error)), () => socket.destroy())
}

function faultOf({ code, message }: NodeJS.ErrnoException): StatusError {
  switch (code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return failure({ code: 408, reason: 'Timeout', message: 'the request took too long to arrive' })
    case 'HPE_HEADER_OVERFLOW':
      return failure({ code: 431, reason: '', message: 'the headers of the request are too large' })
    default:
      return badRequest(`the request is malformed: ${message}`)
  }
}
