import type { KubeObject } from '../api/object.ts'
import type { ResourceRef } from '../api/ref.ts'
import type { Clock } from '../machinery/clock.ts'
import type { Logger } from '../machinery/log.ts'
import { isExpired, StatusError } from '../machinery/status.ts'
import type { Client } from './client.ts'
import { sleep } from './sleep.ts'

interface Reflection<T extends KubeObject> {
  client: Client
  clock: Clock
  random: () => number
  log: Logger
  signal: AbortSignal
  /** The whole truth at one revision. */
  replace: (objects: T[]) => void
  put: (object: T) => void
  remove: (object: T) => void
  /** The copy is now as of this revision. */
  reached: (revision: string) => void
}

const firstDelay = 800
const maxDelay = 30_000
/** A watch that ends sooner than this without an event has failed, whatever it says. */
const shortWatch = 1000
const minWatchSeconds = 300

/**
 * Keeps a copy of one kind current until the signal aborts: list, watch from the list's revision, resume from the last
 * revision seen when a watch ends, list again when that revision is gone (client-go tools/cache/reflector.go).
 */
export async function reflect<T extends KubeObject>(ref: ResourceRef<T>, reflection: Reflection<T>): Promise<void> {
  const { client, clock, random, log, signal, replace, put, remove, reached } = reflection
  let revision: string | undefined
  let failures = 0

  function advance(to: string) {
    revision = to
    reached(to)
  }

  async function list() {
    const answer = await client.list(ref, { signal })
    if (signal.aborted) return
    replace(answer.items)
    advance(answer.metadata.resourceVersion)
  }

  async function watch(from: string) {
    const started = clock.now()
    let events = 0
    const timeoutSeconds = Math.floor(minWatchSeconds * (1 + random())) // spreads the watches of many informers
    const options = { resourceVersion: from, timeoutSeconds, allowWatchBookmarks: true, signal }
    for await (const event of client.watch(ref, options)) {
      if (signal.aborted) return
      if (event.type === 'ERROR') throw new StatusError(event.object)
      events++
      failures = 0
      if (event.type === 'DELETED') remove(event.object)
      else if (event.type !== 'BOOKMARK') put(event.object)
      if (event.object.metadata.resourceVersion) advance(event.object.metadata.resourceVersion)
    }
    if (signal.aborted) return
    if (events === 0 && clock.now() - started < shortWatch) throw new Error('very short watch')
    failures = 0
  }

  while (!signal.aborted) {
    try {
      if (revision === undefined) await list()
      else await watch(revision)
    } catch (error) {
      if (aborted(signal)) return
      const gone = isExpired(error) || isFromTheFuture(error)
      if (gone) revision = undefined
      log.info(gone ? 'Watch expired, listing again' : 'List or watch failed', { error })
      if (gone && failures === 0) {
        failures++ // the next time it waits
        continue
      }
      const delay = Math.min(firstDelay * 2 ** failures++, maxDelay)
      await sleep(clock, Math.min(delay * (1 + random()), maxDelay), signal)
    }
  }
}

/** Read anew: the signal may have aborted during the await before. */
const aborted = (signal: AbortSignal) => signal.aborted

/** The server's newest revision is older than ours: it was restored from a backup (storage.NewTooLargeResourceVersionError). */
function isFromTheFuture(error: unknown): boolean {
  const causes = error instanceof StatusError ? error.status.details?.causes : undefined
  return causes?.some(cause => cause.reason === 'ResourceVersionTooLarge') ?? false
}
