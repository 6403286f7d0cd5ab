import { events, type KubeEvent } from '../api/core.ts'
import type { Draft } from '../api/object.ts'
import { toTime, type Clock } from '../machinery/clock.ts'
import type { Logger } from '../machinery/log.ts'
import { isNotFound } from '../machinery/status.ts'
import type { Client } from './client.ts'
import { createCorrelator, lru, type Correlated, type Occurrence } from './correlate-events.ts'
import { keyOf } from './key.ts'
import type { EventRecorder } from './recorder.ts'

interface Options {
  client: Client
  clock: Clock
  random: () => number
  log: Logger
  /** `source.component` of the Events, e.g. `kubelet`. */
  component: string
  /** `source.host`: the node, for what runs on one. */
  host?: string
}

/** Occurrences that may wait to be written; more are dropped, as client-go's broadcaster does. */
const queueLimit = 1000

/**
 * Writes core/v1 Events one after the other. Repeats raise `count` and `lastTimestamp` of the Event already written.
 * Disposing waits for the write under way and drops the rest.
 */
export function createRecorder(options: Options): EventRecorder & AsyncDisposable {
  const { client, clock, log } = options
  const correlate = createCorrelator()
  const written = lru<KubeEvent>()
  const waiting: { occurrence: Occurrence; correlated: Correlated; at: number }[] = []
  let writing: Promise<void> | undefined
  let stopped = false

  async function drain() {
    for (let next = waiting.shift(); next && !stopped; next = waiting.shift()) {
      const { occurrence, correlated, at } = next
      try {
        const known = written.get(correlated.key)
        const repeated = known && (await repeat(known, correlated.message, at))
        written.set(correlated.key, repeated ?? (await create(occurrence, correlated.message, at)))
      } catch (error) {
        log.debug('Event not written', { reason: occurrence.reason, error })
      }
    }
    writing = undefined
  }

  /** Undefined if the Event has expired meanwhile. */
  async function repeat(known: KubeEvent, message: string, at: number): Promise<KubeEvent | undefined> {
    const body = { count: (known.count ?? 1) + 1, lastTimestamp: toTime(at), message }
    try {
      return await client.patch(events, keyOf(known), { type: 'application/strategic-merge-patch+json', body })
    } catch (error) {
      if (isNotFound(error)) return undefined
      throw error
    }
  }

  function create(occurrence: Occurrence, message: string, at: number): Promise<KubeEvent> {
    return client.create(events, newEvent({ ...occurrence, message }, at, options))
  }

  return {
    event(about, type, reason, message, { fieldPath, annotations } = {}) {
      if (stopped || waiting.length >= queueLimit) return
      const at = clock.now()
      const occurrence = { about, type, reason, message, fieldPath, annotations }
      const correlated = correlate(occurrence, at)
      if (!correlated) return
      waiting.push({ occurrence, correlated, at })
      writing ??= drain()
    },
    async [Symbol.asyncDispose]() {
      stopped = true
      await writing
    },
  }
}

function newEvent(
  { about, type, reason, message, fieldPath, annotations }: Occurrence,
  at: number,
  options: Options,
): Draft<KubeEvent> {
  const { name, namespace, uid, resourceVersion } = about.metadata
  // Nanoseconds since the epoch in hex, as client-go names them; the part below a millisecond is random.
  const suffix = (BigInt(at) * 1_000_000n + BigInt(Math.floor(options.random() * 1_000_000))).toString(16)
  return {
    metadata: { name: `${name}.${suffix}`, namespace: namespace ?? 'default', ...(annotations && { annotations }) },
    involvedObject: {
      ...(about.apiVersion && { apiVersion: about.apiVersion }),
      ...(about.kind && { kind: about.kind }),
      ...(namespace && { namespace }),
      ...(resourceVersion && { resourceVersion }),
      name,
      uid,
      ...(fieldPath && { fieldPath }),
    },
    type,
    reason,
    message,
    source: { component: options.component, ...(options.host && { host: options.host }) },
    reportingComponent: options.component,
    reportingInstance: options.host ?? '',
    firstTimestamp: toTime(at),
    lastTimestamp: toTime(at),
    count: 1,
  }
}
