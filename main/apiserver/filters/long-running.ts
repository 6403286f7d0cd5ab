import type { RequestInfo } from '../request-info.ts'

const longRunning = new Set(['attach', 'exec', 'proxy', 'log', 'portforward'])

/** Requests without a deadline, which count against no limit (apiserver's LongRunningRequestCheck). */
export function isLongRunning({ verb, subresource }: RequestInfo): boolean {
  return verb === 'watch' || longRunning.has(subresource)
}
