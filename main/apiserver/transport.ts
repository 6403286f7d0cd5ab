import { createInterface } from 'node:readline/promises'
import { Readable } from 'node:stream'
import { json, text } from 'node:stream/consumers'
import type { KubeObject, Status, WatchEvent } from '../../shared/api/object.ts'
import { isObject } from '../../shared/machinery/json-value.ts'
import { failure, StatusError } from '../../shared/machinery/status.ts'
import type { ApiRequest, ApiTransport } from '../../shared/client/client.ts'
import type { ServerRequest, ServerResponse, UserInfo, WatchFrame } from './request.ts'
import { parseJson } from '../../shared/machinery/exact-json.ts'

const never = new AbortController().signal

interface Given {
  user: UserInfo
  /** The User-Agent in the journal. */
  agent: string
  handle: (request: ServerRequest) => Promise<ServerResponse>
}

/**
 * A client's way into the server of its own process: the same filters and admission as over HTTP, nothing serialised.
 * Objects come back as the store holds them: frozen.
 */
export function createTransport({ user, agent, handle }: Given): ApiTransport {
  const send = async (request: ApiRequest): Promise<ServerResponse> => {
    const response = await handle(serverRequest(request, { user, agent }))
    if (response.status >= 400) throw await refusal(response)
    return response
  }
  return {
    async request<T>(request: ApiRequest): Promise<T> {
      const response = await send(request)
      // Another server's answer is not known here but by its text.
      if ('stream' in response) return (await json(Readable.from(response.stream))) as T
      if (!('body' in response)) throw new Error(`${request.path} answers with a stream`)
      return response.body.value() as T
    },
    async *watch<T extends KubeObject>(request: ApiRequest): AsyncIterable<WatchEvent<T>> {
      const response = await send(request)
      if ('stream' in response) {
        for await (const line of createInterface(Readable.from(response.stream))) yield parseJson(line) as WatchEvent<T>
        return
      }
      if (!('watch' in response)) throw new Error(`${request.path} is no watch`)
      yield* eventsOf(response.watch, request.signal ?? never) as AsyncIterable<WatchEvent<T>>
    },
    async *bytes(request: ApiRequest): AsyncIterable<Uint8Array> {
      const response = await send(request)
      if ('stream' in response) yield* response.stream
      else if ('body' in response) yield* response.body.chunks()
    },
  }
}

/** What is thrown for an answer that is an error; one of another server may not be a Status. */
async function refusal(response: ServerResponse): Promise<Error> {
  const { status: code } = response
  if ('body' in response) return new StatusError(response.body.value() as Status)
  if (!('stream' in response)) return new Error(`answered ${code}`)
  const body = await text(Readable.from(response.stream))
  try {
    const value: unknown = JSON.parse(body)
    if (isObject(value) && value.kind === 'Status') return new StatusError(value as unknown as Status)
  } catch {
    // Not JSON: a text.
  }
  return failure({ code, reason: '', message: body.trim() })
}

/** The program that a component's user stands for, by the name that upstream's managedFields know it by. */
export function componentOf({ name }: UserInfo): string {
  if (name === 'system:apiserver') return 'kube-apiserver'
  return name.startsWith('system:node:') ? 'kubelet' : name.replace(/^system:/, '')
}

function serverRequest(request: ApiRequest, { user, agent }: { user: UserInfo; agent: string }): ServerRequest {
  const { method, path, query = {}, headers = {}, body, signal = never } = request
  const pairs = Object.entries(query).flatMap(([name, values]) =>
    [values].flat().map((value): [string, string] => [name, value]),
  )
  return {
    method,
    path,
    query: new URLSearchParams(pairs),
    headers: { 'user-agent': agent, ...headers },
    user,
    body: { value: body },
    signal,
    upgrade: false,
  }
}

/** Turns pushed frames into an iteration that ends with the watch, the signal or the reader. */
async function* eventsOf(
  start: Extract<ServerResponse, { watch: unknown }>['watch'],
  signal: AbortSignal,
): AsyncIterable<WatchEvent> {
  let queue: WatchFrame[] = []
  let ended = signal.aborted
  let wake = () => {}
  const end = () => {
    ended = true
    wake()
  }
  using _watch = start({
    write(frames) {
      queue.push(...frames)
      wake()
      return true
    },
    // What is in the queue is shared with the store: there is nothing to slow down for.
    drained() {},
    end,
  })
  signal.addEventListener('abort', end, { once: true })
  try {
    for (;;) {
      const frames = queue
      queue = []
      for (const frame of frames) {
        if (signal.aborted) return
        yield frame.event()
      }
      if (queue.length > 0) continue
      if (ended) return
      await new Promise<void>(resolve => (wake = resolve))
    }
  } finally {
    signal.removeEventListener('abort', end)
  }
}
