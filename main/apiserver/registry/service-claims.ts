import { services, type Service } from '../../../shared/api/core.ts'
import { ipAddresses } from '../../../shared/api/networking.ts'
import type { KubeObject } from '../../../shared/api/object.ts'
import type { ResourceRef } from '../../../shared/api/ref.ts'
import type { Store } from '../../store/store.ts'
import { prefixOf } from './key.ts'
import { nodePortsOf } from './node-ports.ts'

/** Cluster IPs and node ports, each once. */
export interface Claims {
  readonly ips: readonly string[]
  readonly ports: readonly number[]
}

/** What a Service holds. */
export function claimsOf({ spec }: Service): Claims {
  return { ips: (spec.clusterIPs ?? []).filter(ip => ip !== 'None'), ports: nodePortsOf(spec) }
}

/** Whether anyone holds it. */
export interface Held {
  readonly ips: { has(ip: string): boolean }
  readonly ports: { has(port: number): boolean }
}

export interface ServiceClaims extends Disposable {
  /** What is held beside one's `own`: of what is stored, and of what was added here. */
  heldBeside(own: Claims): Promise<Held>
  add(claims: Claims): void
  remove(claims: Claims): void
}

const kinds: { ref: ResourceRef; of: (object: KubeObject) => Claims }[] = [
  { ref: services, of: object => claimsOf(object as Service) },
  { ref: ipAddresses, of: userClaims },
]

/**
 * Counts what the stored Services hold, and the IPAddresses that users made: all of them once, when it is first asked,
 * and every change since. So nothing can leak or get lost, whatever becomes of a write or of the engine.
 */
export function createServiceClaims(store: Store): ServiceClaims {
  const held = { ips: createTally<string>(), ports: createTally<number>() }
  const add = ({ ips, ports }: Claims) => {
    held.ips.add(ips, 1)
    held.ports.add(ports, 1)
  }
  const remove = ({ ips, ports }: Claims) => {
    held.ips.add(ips, -1)
    held.ports.add(ports, -1)
  }
  const watches = new DisposableStack()
  let followed: Promise<unknown> | undefined

  async function follow(): Promise<unknown> {
    const lists = await Promise.all(kinds.map(({ ref }) => store.list(prefixOf(ref))))
    const begun = kinds.map(({ ref, of }, at) => {
      const { entries = [], revision = 0 } = lists[at] ?? {}
      for (const { object } of entries) add(of(object))
      return store.watch(prefixOf(ref), revision, {
        event({ type, entry, before }) {
          if (type === 'put') add(of(entry.object))
          if (before) remove(of(before.object))
        },
        // Only when the store stops: what has just been listed is not compacted.
        closed() {},
      })
    })
    begun.forEach(watch => watches.use(watch))
    return Promise.all(begun.map(({ replayed }) => replayed))
  }

  return {
    add,
    remove,
    async heldBeside(own) {
      followed ??= follow()
      await followed
      return { ips: held.ips.beside(own.ips), ports: held.ports.beside(own.ports) }
    },
    [Symbol.dispose]: () => watches.dispose(),
  }
}

/** Those that follow Services say nothing new, and may be late. */
function userClaims({ metadata: { name, labels } }: KubeObject): Claims {
  return labels?.['ipaddress.kubernetes.io/managed-by'] === 'ipallocator.k8s.io'
    ? { ips: [], ports: [] }
    : { ips: [name], ports: [] }
}

/** How many hold each value. */
function createTally<T>() {
  const counts = new Map<T, number>()
  return {
    add(values: readonly T[], by: 1 | -1): void {
      for (const value of values) {
        const count = (counts.get(value) ?? 0) + by
        if (count === 0) counts.delete(value)
        else counts.set(value, count)
      }
    },
    beside: (own: readonly T[]) => ({ has: (value: T) => (counts.get(value) ?? 0) > (own.includes(value) ? 1 : 0) }),
  }
}
