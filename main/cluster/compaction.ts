import type { Store } from '../store/store.ts'
import type { Clock } from '../../shared/machinery/clock.ts'
import type { Logger } from '../../shared/machinery/log.ts'

/** Upstream's interval (apiserver/pkg/storage/etcd3/compact.go): what is older can't be watched or listed from any more. */
const interval = 5 * 60_000

/** Compacts the store each five minutes up to where it was five minutes before. */
export function compactRegularly({ store, clock, log }: { store: Store; clock: Clock; log: Logger }): AsyncDisposable {
  let timer: Disposable | undefined
  let running: Promise<void> = Promise.resolve()

  function schedule(revision: number) {
    timer = clock.setTimeout(() => {
      running = store.compact(revision).catch((error: unknown) => log.error('Compaction failed', { revision, error }))
      schedule(store.revision)
    }, interval)
  }
  schedule(store.revision)
  return {
    async [Symbol.asyncDispose]() {
      timer?.[Symbol.dispose]()
      await running
    },
  }
}
