import type { KubeEvent } from '../../shared/api/core.ts'

/** The newest event of a reason whose message matches. */
export function latest(
  events: readonly KubeEvent[],
  reasons: readonly string[],
  message = /(?:)/,
): KubeEvent | undefined {
  return events
    .filter(event => reasons.includes(event.reason ?? '') && message.test(event.message ?? ''))
    .toSorted((a, b) => eventTime(b) - eventTime(a))[0]
}

/** Those about one container of a pod, and those that do not say which. */
export function ofContainer(events: readonly KubeEvent[], name: string): readonly KubeEvent[] {
  return events.filter(({ involvedObject: { fieldPath } }) => !fieldPath || fieldPath.endsWith(`{${name}}`))
}

/** When an event was last seen, in milliseconds since the epoch. */
export function eventTime(event: KubeEvent): number {
  const time =
    event.series?.lastObservedTime ?? event.lastTimestamp ?? event.eventTime ?? event.metadata.creationTimestamp
  return time ? Date.parse(time) : 0
}

/** How often it was seen. */
export function eventCount(event: KubeEvent): number {
  return event.series?.count ?? event.count ?? 1
}
