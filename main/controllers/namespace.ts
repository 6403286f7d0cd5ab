import { namespaces, pods, type Namespace } from '../../shared/api/core.ts'
import type { KubeList, KubeObject } from '../../shared/api/object.ts'
import { groupResourceOf, pathOf, type ResourceRef } from '../../shared/api/ref.ts'
import type { Client } from '../../shared/client/client.ts'
import type { Controller } from '../../shared/client/controller.ts'
import { each, mapped } from '../../shared/client/watches.ts'
import { jsonEqual } from '../../shared/machinery/json-value.ts'
import { isNotFound } from '../../shared/machinery/status.ts'
import { namespaceConditions, type Remaining } from './namespace-conditions.ts'
import type { LiveKinds } from './live-kinds.ts'
import { toError } from './to-error.ts'

interface Options {
  /** Every namespaced kind the server has. */
  contents: LiveKinds
  /** Those of them whose changes are followed; the last one of a namespace to go lets the namespace go. */
  watched: LiveKinds
}

/**
 * Empties a namespace that is being deleted, pods first (KEP-5080), then removes the `kubernetes` finalizer
 * (pkg/controller/namespace). What stays because of finalizers or grace periods is named in the conditions.
 */
export function namespaceController({ contents, watched }: Options): Controller {
  return {
    name: 'namespace-controller',
    watches: {
      current: () => [each<KubeObject>(namespaces), ...watched.current().map(lastOnes)],
      subscribe: watched.subscribe,
    },

    async reconcile(key, { client, informers, clock }) {
      const namespace = informers.informer(namespaces).get(key)
      if (!namespace?.metadata.deletionTimestamp) return
      if (!namespace.spec?.finalizers?.includes('kubernetes')) return

      const remaining = await empty(client, namespace.metadata.name, contents.current())
      const conditions = namespaceConditions(namespace.status?.conditions ?? [], remaining, clock.now())
      const current = await writeConditions(client, namespace, conditions)
      const failure = remaining.failures[0]
      if (failure) throw failure
      if (remaining.resources.size === 0) await finalize(client, current)
    },
  }
}

/** Changes of a kind concern the namespace they happen in while that is being emptied. */
const lastOnes = (ref: ResourceRef) =>
  mapped(ref, (object, informers) => {
    const key = { namespace: '', name: object.metadata.namespace ?? '' }
    return informers.informer(namespaces).get(key)?.metadata.deletionTimestamp ? [key] : []
  })

async function empty(client: Client, namespace: string, contents: readonly ResourceRef[]): Promise<Remaining> {
  const remaining: Remaining = { resources: new Map(), finalizers: new Map(), failures: [] }
  const remove = async (ref: ResourceRef) => {
    try {
      for (const object of await removeAll(client, ref, namespace)) {
        count(remaining.resources, groupResourceOf(ref))
        for (const finalizer of object.metadata.finalizers ?? []) count(remaining.finalizers, finalizer)
      }
    } catch (error) {
      if (!isNotFound(error)) remaining.failures.push(toError(error)) // not found: the kind itself is gone
    }
  }
  const isPods = (ref: ResourceRef) => groupResourceOf(ref) === groupResourceOf(pods)
  await Promise.all(contents.filter(isPods).map(remove))
  const podsAreGone = remaining.resources.size === 0 && remaining.failures.length === 0
  if (podsAreGone) await Promise.all(contents.filter(ref => !isPods(ref)).map(remove))
  return remaining
}

/** Deletes all objects of a kind in a namespace; those that are still there afterwards. */
async function removeAll(client: Client, ref: ResourceRef, namespace: string): Promise<KubeObject[]> {
  const path = pathOf(ref, { namespace })
  const before = await client.transport.request<KubeList>({ method: 'GET', path })
  if (before.items.length === 0) return []
  const body = { apiVersion: 'v1', kind: 'DeleteOptions', propagationPolicy: 'Background' }
  await client.transport.request({ method: 'DELETE', path, body })
  return (await client.transport.request<KubeList>({ method: 'GET', path })).items
}

async function writeConditions(
  client: Client,
  namespace: Namespace,
  conditions: NonNullable<NonNullable<Namespace['status']>['conditions']>,
): Promise<Namespace> {
  const status = { ...namespace.status, phase: 'Terminating', conditions }
  return jsonEqual(status, namespace.status) ? namespace : client.update(namespaces, { ...namespace, status }, 'status')
}

async function finalize(client: Client, namespace: Namespace): Promise<void> {
  const finalizers = namespace.spec?.finalizers?.filter(finalizer => finalizer !== 'kubernetes') ?? []
  const path = pathOf(namespaces, { name: namespace.metadata.name, subresource: 'finalize' })
  await client.transport.request({
    method: 'PUT',
    path,
    body: { ...namespace, spec: { ...namespace.spec, finalizers } },
  })
}

function count(counts: Map<string, number>, name: string) {
  counts.set(name, (counts.get(name) ?? 0) + 1)
}
