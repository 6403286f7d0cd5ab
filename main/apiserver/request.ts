import type { Duplex, Readable } from 'node:stream'
import type { KubeObject, WatchEvent } from '../../shared/api/object.ts'
import type { RequestInfo } from './request-info.ts'

/** Who asks (authentication/v1 UserInfo). */
export interface UserInfo {
  readonly name: string
  readonly uid?: string
  readonly groups: readonly string[]
  readonly extra?: Readonly<Record<string, readonly string[]>>
}

/** A request as the server sees it, whatever carried it: HTTP/2, HTTP/1.1 or a call in process. */
export interface ServerRequest {
  readonly method: string
  /** Without the query. */
  readonly path: string
  readonly query: URLSearchParams
  /** The query as it came, for requests that are passed on; absent where there is no such text. */
  readonly search?: string
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  /** Names and values in turn, as they came; absent for requests from this process. */
  readonly rawHeaders?: readonly string[]
  /** Set when the carrier vouches for the user: a client certificate of our CA, or a component in this process. */
  readonly user?: UserInfo | undefined
  /** True if the client showed a certificate that our CA did not sign. */
  readonly untrusted?: boolean
  /** The client's IP address; absent for requests from this process. */
  readonly remoteAddress?: string | undefined
  readonly body: RequestBody
  /** Aborts when the client is gone. */
  readonly signal: AbortSignal
  /** True if the client asks for another protocol on this connection: a WebSocket, SPDY. */
  readonly upgrade: boolean
}

/** JSON data from this process, or bytes to be decoded by their Content-Type: read whole, or as they come. */
type RequestBody = { readonly value: unknown } | { read(limit: number): Promise<Buffer>; readonly stream?: Readable }

/** A whole answer, both as JSON data (never to be changed) and as the chunks of its serialisation. */
export interface Body {
  readonly value: () => unknown
  readonly chunks: () => readonly Uint8Array[]
  /** The same made one by one as the client takes them, where all at once would be much; `size` in bytes if it is known before. */
  readonly pieces?: () => { readonly size: number | undefined; readonly chunks: Iterable<Uint8Array> }
}

/** One event of a watch, as data or as its serialised line: made on demand, and shared by watchers of the same event. */
export interface WatchFrame {
  event(): WatchEvent
  line(): Buffer
  /** About how many bytes are kept for it while it waits. */
  readonly size: number
}

/** Where a watch puts its frames. */
export interface WatchSink {
  /** False: the client is behind; call again after `drained`. */
  write(frames: readonly WatchFrame[]): boolean
  /** Calls `listener` each time the client has caught up. */
  drained(listener: () => void): void
  /** Ends the watch after what was written; a client that does not read that is cut off in the end. */
  end(): void
}

/** One side of an upgraded connection: whole messages. */
export interface Channel {
  readonly protocol: string
  /** Resolves when the message has left the process. */
  send(data: Uint8Array | string): Promise<void>
  onMessage(listener: (data: Buffer) => void): void
  onClose(listener: () => void): void
  /** Stops and resumes reading: the way to make a client wait. */
  pause(): void
  resume(): void
  close(): void
}

export type ServerResponse =
  | { readonly status: number; readonly headers: Headers; readonly body: Body }
  /** `start` begins to write and returns what ends the watch. */
  | { readonly status: number; readonly headers: Headers; readonly watch: (sink: WatchSink) => Disposable }
  | {
      readonly status: number
      readonly headers: Headers
      /** Lines of Set-Cookie: the one header whose values can't be joined. */
      readonly cookies?: string[]
      readonly stream: AsyncIterable<Uint8Array>
    }
  /** Switches to a WebSocket with the first of `protocols` that the client offers. */
  | {
      readonly status: 101
      readonly headers: Headers
      readonly protocols: readonly string[]
      serve(channel: Channel): void
    }
  /** Switches to what `headers` name and hands over the connection: bytes both ways. */
  | { readonly status: 101; readonly headers: Headers; tunnel(connection: Duplex): void }

/** Lower-case names. */
export type Headers = Record<string, string>

/** What the filters have learnt about a request, and what they want said in the answer. */
export interface RequestContext {
  readonly request: ServerRequest
  readonly info: RequestInfo
  readonly user: UserInfo
  readonly auditId: string
  /** performance.now() at arrival. */
  readonly arrived: number
  /** Texts for Warning headers. */
  readonly warnings: string[]
  /** Rejects with a 403 unless the user may do this with the same object, too. */
  authorize(verb: string): Promise<void>
}

export type Handler = (context: RequestContext) => ServerResponse | Promise<ServerResponse>

/** One value of a header that may stand more than once. */
export function headerOf(request: ServerRequest, name: string): string {
  const value = request.headers[name]
  return typeof value === 'string' ? value : (value?.[0] ?? '')
}

/** A body from JSON data. */
export function valueBody(value: unknown): Body {
  return { value: () => value, chunks: () => [Buffer.from(JSON.stringify(value))] }
}

/** The body of a stored or about to be stored object: its bytes as they are. */
export function objectBody(entry: { object: KubeObject; bytes: Buffer }): Body {
  return { value: () => entry.object, chunks: () => [entry.bytes] }
}

export const json = 'application/json'

/** A small answer, which is JSON whatever the client accepts. */
export function jsonAnswer(status: number, value: unknown): ServerResponse {
  return { status, headers: { 'content-type': json }, body: valueBody(value) }
}
