import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { KubeObject } from '../../shared/api/object.ts'
import type { Clock } from '../../shared/machinery/clock.ts'
import { silent } from '../../shared/machinery/log.ts'
import { createStore, type StoreConfig } from './create-store.ts'
import type { Store, StoreEvent, Watcher } from './store.ts'

/** A directory of its own under the system's temporary one, removed when disposed of. */
export function temporaryDirectory(): Disposable & { path: string } {
  const path = mkdtempSync(join(tmpdir(), 'podbay-store-'))
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) }
}

/** A clock that stands at an instant until it is moved; nothing in the store sets a timer. */
export function manualClock(now = 1_700_000_000_000): Clock & { advance(ms: number): void } {
  return {
    now: () => now,
    advance: ms => void (now += ms),
    setTimeout: () => {
      throw new Error('the store sets no timers')
    },
  }
}

export function openStore(directory: string, config: Partial<StoreConfig> = {}): Promise<Store> {
  return createStore({ directory, log: silent, clock: manualClock(), ...config })
}

/** A config map with one value. */
export function configMap(name: string, value = ''): KubeObject & { data: { value: string } } {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default', uid: name }, data: { value } }
}

export const prefix = '/core/configmaps/'
export const keyOf = (name: string): string => `${prefix}default/${name}`

/** What a watch has delivered, in short: `put a 5 1` for a value of `a` at revision 5 that replaced the one at 1. */
export function collector(): Watcher & { seen: string[]; events: StoreEvent[]; ended: string[] } {
  const seen: string[] = []
  const events: StoreEvent[] = []
  const ended: string[] = []
  return {
    seen,
    events,
    ended,
    event(event) {
      events.push(event)
      seen.push(describe(event))
    },
    closed: reason => void ended.push(reason),
  }
}

function describe({ type, entry, before }: StoreEvent): string {
  const name = entry.key.slice(entry.key.lastIndexOf('/') + 1)
  return `${type} ${name} ${entry.revision}${before ? ` ${before.revision}` : ''}`
}
