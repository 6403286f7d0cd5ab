/**
 * One connection between the window and the engine, whatever carries it. A Transport only moves messages; dispatch
 * exists once. Messages are plain data; bytes travel as Uint8Array (adapters that can't carry them encode them).
 */
export interface Transport {
  send(message: Message): void
  onMessage(listener: (message: Message) => void): Disposable
  /** The other side is gone: everything under way fails. */
  onClose(listener: () => void): Disposable
  close(): void
}

/** `call` opens a call or stream by id; `data`, `end` and `error` belong to it in either direction; `cancel` ends it early. */
export type Message =
  | { id: number; type: 'call'; method: string; args: unknown[] }
  | { id: number; type: 'data'; data: unknown }
  | { id: number; type: 'end'; result?: unknown }
  | { id: number; type: 'error'; error: unknown }
  | { id: number; type: 'cancel' }
  /** Flow control: the receiver has taken `count` more data messages of a stream. */
  | { id: number; type: 'credit'; count: number }

/** True of what a peer may send; adapters drop everything else, so dispatch never sees a malformed message. */
export function isMessage(value: unknown): value is Message {
  if (typeof value !== 'object' || value === null || !('id' in value) || !('type' in value)) return false
  if (!Number.isSafeInteger(value.id)) return false
  switch (value.type) {
    case 'call':
      return 'method' in value && typeof value.method === 'string' && 'args' in value && Array.isArray(value.args)
    case 'credit':
      return 'count' in value && typeof value.count === 'number' && Number.isSafeInteger(value.count) && value.count > 0
    case 'data':
    case 'end':
    case 'error':
    case 'cancel':
      return true
    default:
      return false
  }
}
