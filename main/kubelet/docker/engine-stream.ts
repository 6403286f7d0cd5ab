import type Docker from 'dockerode'
import { Duplex, Readable } from 'node:stream'

interface Modem {
  dial(request: Request, callback: (error: unknown, stream: Readable) => void): void
}

interface Request {
  path: string
  method: 'GET'
  isStream: true
  options: Record<string, unknown>
  statusCodes: Record<number, true | string>
}

/** A GET whose answer is read as it comes. (The client library gathers the whole answer unless told to follow a log.) */
export function streamFrom(docker: Docker, path: string, query: Record<string, unknown>): Promise<Readable> {
  const modem = docker.modem as Modem
  const statusCodes = { 200: true, 101: true, 404: 'not found', 409: 'conflict', 500: 'server error' } as const
  return new Promise((resolve, reject) => {
    modem.dial({ path: `${path}?`, method: 'GET', isStream: true, options: query, statusCodes }, (error, stream) => {
      if (error instanceof Error) reject(error)
      else resolve(stream)
    })
  })
}

/** Ends a stream when nobody wants it any more: who reads it meets an error. */
export function breakOff(stream: Readable, signal: AbortSignal): void {
  const abort = () => stream.destroy()
  if (signal.aborted) abort()
  signal.addEventListener('abort', abort, { once: true })
  stream.once('close', () => signal.removeEventListener('abort', abort))
}

/** The answer of a call that the client library declares as a bare stream. */
export function readable(answer: unknown): Readable {
  if (answer instanceof Readable) return answer
  throw new Error('the Docker Engine did not answer with a stream')
}

/** A hijacked connection, which the client library declares as something less. */
export function duplex(answer: unknown): Duplex {
  if (answer instanceof Duplex) return answer
  throw new Error('the Docker Engine did not hand over the connection')
}

/** The JSON values of an answer that is a stream of lines (events, pull, build, import). Broken connections throw. */
export async function* jsonLines<T>(answer: AsyncIterable<Uint8Array | string>): AsyncIterable<T> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of answer) {
    const lines = (rest + (typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true }))).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) if (line.trim() !== '') yield JSON.parse(line) as T
  }
  if (rest.trim() !== '') yield JSON.parse(rest) as T
}
