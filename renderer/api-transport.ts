import type { ApiRequest, ApiTransport } from '../shared/client/client.ts'
import type { KubeObject, WatchEvent } from '../shared/api/object.ts'
import type { Host, HostRequest } from '../shared/contract/host.ts'

/** The Kubernetes API over the engine's connection. */
export function createApiTransport(host: Host): ApiTransport {
  return {
    request: async <T>(request: ApiRequest) => (await abortable(host.request(plain(request)), request.signal)) as T,
    async *watch<T extends KubeObject>(request: ApiRequest) {
      for await (const batch of until(host.watch(plain(request)), request.signal)) yield* batch as WatchEvent<T>[]
    },
    bytes: request => until(host.bytes(plain(request)), request.signal),
  }
}

/** A request without its signal, which can't cross. */
function plain({ signal: _, ...request }: ApiRequest): HostRequest {
  return request
}

/** The values of a stream until the signal aborts, which ends the stream without an error. */
export async function* until<T>(source: AsyncIterable<T>, signal: AbortSignal | undefined): AsyncIterable<T> {
  const iterator = source[Symbol.asyncIterator]()
  let abort: () => void = () => undefined
  const onAbort = () => abort()
  signal?.addEventListener('abort', onAbort)
  try {
    if (signal?.aborted) return
    for (;;) {
      // Not a race against one promise that lives as long as the stream: that would hold on to every value.
      const next = await new Promise<IteratorResult<T, unknown>>((resolve, reject) => {
        abort = () => resolve({ done: true, value: undefined })
        iterator.next().then(resolve, reject)
      })
      if (next.done === true) return
      yield next.value
    }
  } finally {
    signal?.removeEventListener('abort', onAbort)
    // A generator answers return() only after its pending next(): nobody may wait for that here.
    void iterator.return?.().then(undefined, () => undefined)
  }
}

async function abortable<T>(answer: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return answer
  const aborted = Promise.withResolvers<never>()
  const abort = () => aborted.reject(signal.reason as Error)
  signal.addEventListener('abort', abort)
  try {
    return await Promise.race([answer, aborted.promise])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}
