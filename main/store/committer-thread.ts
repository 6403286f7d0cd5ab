import { Worker } from 'node:worker_threads'
import type { RevisionLog } from './revision-log.ts'

export interface Call {
  id: number
  method: keyof RevisionLog
  args: unknown[]
}

export interface Answer {
  id: number
  result?: unknown
  error?: Error
}

/** The revision log in its own thread: the same methods, each answered by a promise, carried out in the order of the calls. */
export interface Committer {
  call<M extends keyof RevisionLog>(
    method: M,
    ...args: Parameters<RevisionLog[M]>
  ): Promise<Awaited<ReturnType<RevisionLog[M]>>>
  /** Closes the database and ends the thread. `revision` marks the stop as clean, see `RevisionLog.close`. */
  close(revision: number | undefined): Promise<void>
}

/** Starts the thread. If the database can't be opened, the first call fails with the reason. */
export function startCommitter(file: string): Committer {
  // A bundle has the thread's code beside it, the sources run as they are.
  const entry = new URL(import.meta.url.endsWith('.ts') ? './committer.ts' : './committer.js', import.meta.url)
  const worker = new Worker(entry, { name: 'committer', workerData: file })
  const ended = new Promise(resolve => worker.once('exit', resolve))
  const waiting = new Map<number, PromiseWithResolvers<unknown>>()
  let calls = 0
  let fault: Error | undefined

  const fail = (error: Error) => {
    fault ??= error
    for (const { reject } of waiting.values()) reject(fault)
    waiting.clear()
  }
  worker.on('error', fail)
  worker.on('exit', () => fail(new Error('the committer thread has ended')))
  worker.on('message', ({ id, result, error }: Answer) => {
    const asked = waiting.get(id)
    waiting.delete(id)
    if (error) asked?.reject(error)
    else asked?.resolve(result)
  })

  const call = <M extends keyof RevisionLog>(method: M, ...args: Parameters<RevisionLog[M]>) => {
    if (fault) return Promise.reject(fault)
    const asked = Promise.withResolvers<unknown>()
    waiting.set(++calls, asked)
    worker.postMessage({ id: calls, method, args } satisfies Call)
    return asked.promise as Promise<Awaited<ReturnType<RevisionLog[M]>>>
  }

  return {
    call,
    async close(revision) {
      try {
        if (!fault) await call('close', revision)
      } finally {
        await ended
      }
    },
  }
}
