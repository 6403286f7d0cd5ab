import type { Status } from '../api/object.ts'
import { badRequest, internalError, serviceUnavailable, StatusError } from '../machinery/status.ts'
import type { Message, Transport } from './rpc.ts'

/** Data messages a stream may have on the way; half of it is granted anew each time half was taken. */
const window = 32

/** One call under way; whether it is a stream shows when its caller iterates it. */
interface Pending {
  data: (value: unknown) => void
  end: (result: unknown) => void
  fail: (error: StatusError) => void
}

/**
 * The other side's `serve`d implementation as if it were here. A call goes out at once; its answer is a promise that
 * can also be iterated, so that methods need no table: those whose type is AsyncIterable are streams because their
 * callers iterate them, and a stream sends nothing before that. Ending the iteration cancels the stream. Errors are
 * StatusErrors; a closed connection fails what is under way and every later call with ServiceUnavailable.
 */
export function connect<T extends object>(transport: Transport): T & Disposable {
  const pending = new Map<number, Pending>()
  let lastId = 0
  let open = true

  function close(): void {
    open = false
    const underWay = [...pending.values()]
    pending.clear()
    for (const call of underWay) call.fail(closed())
  }

  const stack = new DisposableStack()
  stack.use(
    transport.onMessage(message => {
      const call = pending.get(message.id)
      if (message.type === 'data') call?.data(message.data)
      if (message.type !== 'end' && message.type !== 'error') return
      pending.delete(message.id)
      if (message.type === 'end') call?.end(message.result)
      else call?.fail(toError(message.error))
    }),
  )
  stack.use(transport.onClose(close))
  stack.defer(() => transport.close())
  stack.defer(close)

  function start(method: string, args: unknown[]): PromiseLike<unknown> & AsyncIterable<unknown> {
    const id = ++lastId
    const { promise, resolve, reject } = Promise.withResolvers<unknown>()
    const inbox = createInbox({
      grant: count => {
        if (pending.has(id)) transport.send({ id, type: 'credit', count })
      },
      cancel: () => {
        if (pending.delete(id)) transport.send({ id, type: 'cancel' })
      },
    })
    const call: Pending = {
      data: inbox.push,
      end: result => {
        inbox.end()
        resolve(result)
      },
      fail: error => {
        inbox.fail(error)
        reject(error)
      },
    }
    if (open) {
      pending.set(id, call)
      trySend(transport, { id, type: 'call', method, args }, error => {
        pending.delete(id)
        call.fail(error)
      })
    } else call.fail(closed())
    return Object.assign(promise, {
      [Symbol.asyncIterator]() {
        // From now on the iteration reports the error, and nobody awaits the promise.
        promise.catch(() => undefined)
        return inbox.read()
      },
    })
  }

  return new Proxy({} as T & Disposable, {
    get(_, name) {
      if (name === Symbol.dispose) return () => stack.dispose()
      // `then` would make the connection itself look like a promise to `await`.
      if (typeof name !== 'string' || name === 'then') return undefined
      return (...args: unknown[]) => start(name, args)
    },
  })
}

/** What has arrived of a stream and was not read yet; at most `window` values. */
function createInbox({ grant, cancel }: { grant: (count: number) => void; cancel: () => void }) {
  const values: unknown[] = []
  const readers: PromiseWithResolvers<IteratorResult<unknown>>[] = []
  let finish: (() => Promise<IteratorResult<unknown>>) | undefined
  let taken = 0
  let reading = false

  const done = (): Promise<IteratorResult<unknown>> => Promise.resolve({ done: true, value: undefined })
  function finishWith(result: () => Promise<IteratorResult<unknown>>): void {
    if (finish) return
    finish = result
    for (const reader of readers.splice(0)) {
      reader.resolve(finish())
      finish = done
    }
  }
  function took(): void {
    if (++taken < window / 2) return
    grant(taken)
    taken = 0
  }

  const iterator: AsyncIterator<unknown> = {
    next() {
      if (values.length > 0) {
        took()
        return Promise.resolve({ done: false, value: values.shift() })
      }
      if (finish) {
        const result = finish()
        finish = done
        return result
      }
      const reader = Promise.withResolvers<IteratorResult<unknown>>()
      readers.push(reader)
      return reader.promise
    },
    return() {
      values.length = 0
      finish = undefined
      finishWith(done)
      cancel()
      return done()
    },
  }

  return {
    push: (value: unknown) => {
      if (finish) return
      const reader = readers.shift()
      if (!reader) return void values.push(value)
      took()
      reader.resolve({ done: false, value })
    },
    end: () => finishWith(done),
    fail: (error: StatusError) => finishWith(() => Promise.reject(error)),
    read() {
      if (!reading) grant(window)
      reading = true
      return iterator
    },
  }
}

/** What can't be sent (a function in an argument, say) fails its own call, not the caller's stack. */
function trySend(transport: Transport, message: Message, failed: (error: StatusError) => void): void {
  try {
    transport.send(message)
  } catch (error) {
    failed(badRequest(error instanceof Error ? error.message : String(error)))
  }
}

function toError(error: unknown): StatusError {
  const isStatus = typeof error === 'object' && error !== null && 'kind' in error && error.kind === 'Status'
  return isStatus ? new StatusError(error as Status) : internalError('the other side sent an error that is no Status')
}

function closed(): StatusError {
  return serviceUnavailable('the connection to the engine is closed')
}
