import { apiVersionOf, pathOf, type ResourceRef } from '../api/ref.ts'
import type { Draft, KubeList, KubeObject, ObjectKey } from '../api/object.ts'
import type { ApiRequest, ApiTransport, Client, DeleteOptions, ListOptions, PatchType, WatchOptions } from './client.ts'

/** A typed client over any transport. */
export function createClient(transport: ApiTransport): Client {
  return {
    transport,

    get<T extends KubeObject>(ref: ResourceRef<T>, key: Partial<ObjectKey> & { name: string }) {
      return transport.request<T>({ method: 'GET', path: pathOf(ref, key) })
    },

    async list<T extends KubeObject>(ref: ResourceRef<T>, options: ListOptions = {}) {
      const { namespace, signal, ...query } = options
      const list = await transport.request<KubeList<T>>({
        method: 'GET',
        path: pathOf(ref, { namespace }),
        query: toQuery({ ...query }),
        ...(signal && { signal }),
      })
      return { ...list, items: list.items.map(item => typed(ref, item)) }
    },

    watch<T extends KubeObject>(ref: ResourceRef<T>, options: WatchOptions) {
      const { namespace, signal, ...query } = options
      const path = pathOf(ref, { namespace })
      return transport.watch<T>({ method: 'GET', path, query: toQuery({ watch: true, ...query }), signal })
    },

    create<T extends KubeObject>(ref: ResourceRef<T>, object: Draft<T>) {
      const path = pathOf(ref, { namespace: object.metadata.namespace })
      return transport.request<T>({ method: 'POST', path, body: typed(ref, object) })
    },

    update<T extends KubeObject>(ref: ResourceRef<T>, object: T, subresource?: 'status') {
      const { namespace, name } = object.metadata
      const path = pathOf(ref, { namespace, name, subresource })
      return transport.request<T>({ method: 'PUT', path, body: typed(ref, object) })
    },

    patch<T extends KubeObject>(
      ref: ResourceRef<T>,
      key: ObjectKey,
      patch: { type: PatchType; body: unknown; subresource?: string },
    ) {
      const path = pathOf(ref, { ...key, subresource: patch.subresource })
      const headers = { 'content-type': patch.type }
      return transport.request<T>({ method: 'PATCH', path, headers, body: patch.body })
    },

    async delete(ref: ResourceRef, key: ObjectKey, options: DeleteOptions = {}) {
      const request: ApiRequest = { method: 'DELETE', path: pathOf(ref, key) }
      request.body = { apiVersion: 'v1', kind: 'DeleteOptions', ...options }
      await transport.request(request)
    },

    createSubresource<Answer>(ref: ResourceRef, key: ObjectKey, subresource: string, body: unknown) {
      return transport.request<Answer>({ method: 'POST', path: pathOf(ref, { ...key, subresource }), body })
    },
  }
}

/** Items of a typed list leave their kind out on the wire; everyone who holds an object relies on it. */
function typed<T extends { apiVersion?: string; kind?: string }>(ref: ResourceRef, object: T): T {
  return object.kind && object.apiVersion ? object : { ...object, apiVersion: apiVersionOf(ref), kind: ref.kind }
}

function toQuery(options: Record<string, string | number | boolean | undefined>): Record<string, string> {
  const given = Object.entries(options).filter(([, value]) => value !== undefined && value !== '')
  return Object.fromEntries(given.map(([name, value]) => [name, String(value)]))
}
