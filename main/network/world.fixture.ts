import { endpointSlices, type EndpointSlice } from '../../shared/api/discovery.ts'
import { namespaces, services, type Service } from '../../shared/api/core.ts'
import { groupResourceOf, type ResourceRef } from '../../shared/api/ref.ts'
import type { KubeObject } from '../../shared/api/object.ts'
import { createCache } from '../../shared/client/create-cache.ts'
import type { Informer, InformerHandlers, Informers } from '../../shared/client/informer.ts'
import { keyOf } from '../../shared/client/key.ts'

/** Informers whose objects the test puts there itself. */
export function createWorld(): { informers: Informers; put: Put; remove: Put } {
  const kinds = new Map<
    string,
    { cache: ReturnType<typeof createCache>; handlers: Set<InformerHandlers<KubeObject>> }
  >()
  const kindOf = (ref: ResourceRef) => {
    const name = groupResourceOf(ref)
    const known = kinds.get(name) ?? { cache: createCache(), handlers: new Set() }
    kinds.set(name, known)
    return known
  }
  const informer = (ref: ResourceRef) => {
    const { cache, handlers } = kindOf(ref)
    return {
      ...cache.lister,
      ref,
      synced: Promise.resolve(),
      index: cache.index,
      on(handler: InformerHandlers<KubeObject>) {
        handlers.add(handler)
        return { [Symbol.dispose]: () => void handlers.delete(handler) }
      },
    }
  }
  return {
    informers: {
      informer: <T extends KubeObject>(ref: ResourceRef<T>) => informer(ref) as unknown as Informer<T>,
      stop: async ref => void kinds.delete(groupResourceOf(ref)),
      async [Symbol.asyncDispose]() {},
    },
    put(ref, object) {
      const { cache, handlers } = kindOf(ref)
      const before = cache.lister.get(keyOf(object))
      cache.put(object)
      for (const handler of handlers) if (before) handler.updated?.(object, before)
      if (!before) for (const handler of handlers) handler.added?.(object)
    },
    remove(ref, object) {
      const { cache, handlers } = kindOf(ref)
      cache.remove(object)
      for (const handler of handlers) handler.deleted?.(object)
    },
  }
}

type Put = <T extends KubeObject>(ref: ResourceRef<T>, object: T) => void

const meta = (name: string) => ({ name, namespace: 'default', uid: name })

export function aService(name: string, spec: Partial<Service['spec']>): Service {
  return { metadata: meta(name), spec: { ports: [{ name: 'http', port: 80, protocol: 'TCP' }], ...spec } }
}

/** A slice of a Service with port `http` 8080. */
export function aSlice(
  service: string,
  endpoints: EndpointSlice['endpoints'],
  change: Partial<EndpointSlice> = {},
): EndpointSlice {
  return {
    metadata: { ...meta(`${service}-1`), labels: { 'kubernetes.io/service-name': service } },
    addressType: 'IPv4',
    endpoints,
    ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
    ...change,
  }
}

/** The namespace `default` with these Services and slices. */
export function populate(
  world: ReturnType<typeof createWorld>,
  content: { services?: Service[]; slices?: EndpointSlice[] },
): void {
  world.put(namespaces, { metadata: { name: 'default', uid: 'default' } })
  for (const service of content.services ?? []) world.put(services, service)
  for (const slice of content.slices ?? []) world.put(endpointSlices, slice)
}
