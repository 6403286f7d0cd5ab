import type { KubeObject } from '../../shared/api/object.ts'

/** Shapes of the specification: circle, triangle, square, ring, dash, tick. */
export type Mark = 'ok' | 'warn' | 'err' | 'pend' | 'unk' | 'done'

/**
 * The state of an object in one word. `word` is Kubernetes' (`CrashLoopBackOff`) or one of the window's; i18n translates
 * both under `state`. `note` adds a second one: `Running, restarted`.
 */
export interface ObjectStatus {
  mark: Mark
  word: string
  note?: string
}

/** What a status may look at beside its object; every lookup is by uid or namespace/name, so nothing scans. */
export interface StatusContext {
  /** Milliseconds since the epoch. */
  now: number
  /** Objects whose controller has this uid. */
  children(uid: string): readonly KubeObject[]
  /** Endpoints of a Service over all its slices; undefined while they are not known. */
  endpoints(namespace: string, service: string): { ready: number; total: number } | undefined
}

const order: readonly Mark[] = ['err', 'pend', 'warn', 'ok', 'unk', 'done']

/** Worst first: square, ring, triangle, circle, dash, tick. */
export function rankOf(mark: Mark | undefined): number {
  return mark ? order.indexOf(mark) : order.length
}

/** Milliseconds since an instant, 0 if there is none. */
export function since(time: string | undefined, now: number): number {
  return time ? now - Date.parse(time) : 0
}

interface Condition {
  type: string
  status: string
  reason?: string
  message?: string
  lastTransitionTime?: string
}

/** `status.conditions` of any object, wherever it follows the API conventions. */
export function conditionsOf(object: KubeObject): readonly Condition[] {
  const { status } = object as KubeObject & { status?: { conditions?: Condition[] } }
  return Array.isArray(status?.conditions) ? status.conditions : []
}

export function condition(object: KubeObject, type: string): Condition | undefined {
  return conditionsOf(object).find(c => c.type === type)
}
