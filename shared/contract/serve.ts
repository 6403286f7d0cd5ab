import { silent, type Logger } from '../machinery/log.ts'
import { badRequest, failure, internalError, StatusError } from '../machinery/status.ts'
import type { Message, Transport } from './rpc.ts'

/** A stream being read by the other side: what it may still take, and how to stop. */
interface Outgoing {
  credit: number
  /** Wakes the pump when credit arrives or the stream is cancelled. */
  wake: () => void
  iterator: AsyncIterator<unknown>
}

/**
 * Answers the calls of one connection from `implementation`: its own enumerable functions and nothing it inherits.
 * A returned AsyncIterable is streamed as fast as the reader grants credit (starting with none) and ended by
 * `return()` when the reader cancels or the connection goes; anything else is awaited and is the call's result.
 * StatusErrors cross as they are, other errors as a 500 without their stack, which goes to `log`.
 */
export function serve(transport: Transport, implementation: object, log: Logger = silent): Disposable {
  const streams = new Map<number, Outgoing>()
  let open = true

  const send = (message: Message) => {
    if (open) transport.send(message)
  }
  const fail = (id: number, method: string, error: unknown) => {
    if (!(error instanceof StatusError)) log.error('call failed', { method, error })
    const { status } = error instanceof StatusError ? error : internalError(messageOf(error))
    send({ id, type: 'error', error: status })
  }

  async function pump(id: number, iterable: AsyncIterable<unknown>): Promise<void> {
    const stream: Outgoing = { credit: 0, wake() {}, iterator: iterable[Symbol.asyncIterator]() }
    streams.set(id, stream)
    const cancelled = () => streams.get(id) !== stream
    try {
      for (;;) {
        while (stream.credit === 0 && !cancelled()) await new Promise<void>(resolve => (stream.wake = resolve))
        if (cancelled()) return
        const next = await stream.iterator.next()
        if (cancelled()) return
        if (next.done) {
          send({ id, type: 'end' })
          return
        }
        stream.credit--
        send({ id, type: 'data', data: next.value })
      }
    } finally {
      if (!cancelled()) streams.delete(id)
    }
  }

  function cancel(id: number): void {
    const stream = streams.get(id)
    if (!stream) return
    streams.delete(id)
    stream.wake()
    // The reader is gone: how the source takes its end is of no interest to it, only to the log.
    stream.iterator.return?.().catch((error: unknown) => log.error('stream did not end cleanly', { error }))
  }

  async function call({ id, method, args }: Extract<Message, { type: 'call' }>): Promise<void> {
    try {
      const answer = methodOf(implementation, method)(...args)
      if (isAsyncIterable(answer)) await pump(id, answer)
      else send({ id, type: 'end', result: await answer })
    } catch (error) {
      fail(id, method, error)
    }
  }

  function end(): void {
    open = false
    for (const id of [...streams.keys()]) cancel(id)
  }

  const stack = new DisposableStack()
  stack.use(
    transport.onMessage(message => {
      if (message.type === 'call') {
        if (streams.has(message.id)) fail(message.id, message.method, badRequest('the id is in use'))
        else void call(message)
      } else if (message.type === 'cancel') {
        cancel(message.id)
      } else if (message.type === 'credit') {
        const stream = streams.get(message.id)
        if (!stream) return
        stream.credit += message.count
        stream.wake()
      }
    }),
  )
  stack.use(transport.onClose(end))
  stack.defer(end)
  return stack
}

function methodOf(implementation: object, name: string): (...args: unknown[]) => unknown {
  const own = Object.getOwnPropertyDescriptor(implementation, name)
  if (!own?.enumerable || typeof own.value !== 'function') {
    throw failure({ code: 404, reason: 'NotFound', message: `there is no method ${JSON.stringify(name)}` })
  }
  return (own.value as (...args: unknown[]) => unknown).bind(implementation)
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
