import type { KubeObject } from '../api/object.ts'

/** One occurrence, before it is merged with others. */
export interface Occurrence {
  about: KubeObject
  type: 'Normal' | 'Warning'
  reason: string
  message: string
  /** The part of the object that is meant, if it is one. */
  fieldPath?: string | undefined
  annotations?: Record<string, string> | undefined
}

/** What to write for an occurrence: `key` names the Event object that carries it. */
export interface Correlated {
  key: string
  message: string
}

/** Limits of client-go tools/record/events_cache.go. */
const maxEntries = 4096
const maxSimilar = 10
const similarWindow = 600_000
const burst = 25
const refill = 300_000

interface Similar {
  messages: Set<string>
  last: number
}

/**
 * Decides what becomes of an occurrence, per object: from the tenth different message of one reason within ten minutes on, messages go into a
 * combined Event, and beyond 25 Events plus one every five minutes nothing is written (client-go's EventCorrelator).
 */
export function createCorrelator(): (occurrence: Occurrence, now: number) => Correlated | undefined {
  const similar = lru<Similar>()
  const buckets = lru<{ tokens: number; at: number }>()

  function combine({ about, type, reason, message, fieldPath = '' }: Occurrence, now: number): Correlated {
    const group = JSON.stringify([about.metadata.uid, identity(about), type, reason])
    const known = similar.get(group)
    const entry = known && now - known.last <= similarWindow ? known : { messages: new Set<string>(), last: now }
    entry.messages.add(message)
    entry.last = now
    similar.set(group, entry)
    if (entry.messages.size < maxSimilar) return { key: JSON.stringify([group, fieldPath, message]), message }
    entry.messages.delete(first(entry.messages)) // stays at the limit
    return { key: group, message: `(combined from similar events): ${message}` }
  }

  function mayWrite({ about }: Occurrence, now: number): boolean {
    const source = JSON.stringify([about.metadata.uid, identity(about)])
    const bucket = buckets.get(source) ?? { tokens: burst, at: now }
    const tokens = Math.min(burst, bucket.tokens + (now - bucket.at) / refill)
    const allowed = tokens >= 1
    buckets.set(source, { tokens: allowed ? tokens - 1 : tokens, at: now })
    return allowed
  }

  return (occurrence, now) => {
    const correlated = combine(occurrence, now)
    return mayWrite(occurrence, now) ? correlated : undefined
  }
}

/** A map that forgets what was used least recently. */
export function lru<V>(limit = maxEntries) {
  const entries = new Map<string, V>()
  return {
    get: (key: string) => entries.get(key),
    set(key: string, value: V) {
      entries.delete(key)
      entries.set(key, value)
      if (entries.size > limit) entries.delete(first(entries.keys()))
    },
  }
}

function first(items: Iterable<string>): string {
  for (const item of items) return item
  return ''
}

const identity = (o: KubeObject) => [o.apiVersion, o.kind, o.metadata.namespace ?? '', o.metadata.name]
