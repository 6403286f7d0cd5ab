import { pathOf, type ResourceRef } from '../../../../shared/api/ref.ts'
import type { KubeObject } from '../../../../shared/api/object.ts'
import type { ApiTransport } from '../../../../shared/client/client.ts'
import type { Kind } from '../../../live/discovery.ts'

/** Tried by the server without saving, or saved; unknown fields are errors either way. */
interface WriteOptions {
  dryRun: boolean
}

const query = ({ dryRun }: WriteOptions) => ({
  fieldManager: 'podbay',
  fieldValidation: 'Strict',
  ...(dryRun && { dryRun: 'All' }),
})

/** Replaces an object; its resourceVersion makes a change that came between a Conflict. */
export function replace(
  transport: ApiTransport,
  ref: ResourceRef,
  object: KubeObject,
  options: WriteOptions,
): Promise<KubeObject> {
  const { namespace, name } = object.metadata
  return transport.request({
    method: 'PUT',
    path: pathOf(ref, { namespace, name }),
    query: query(options),
    body: object,
  })
}

/** Creates an object, in `namespace` where it names none itself. */
export function create(
  transport: ApiTransport,
  { ref, object, namespace }: { ref: ResourceRef; object: Record<string, unknown>; namespace: string },
  options: WriteOptions,
): Promise<KubeObject> {
  const metadata = object['metadata'] as { namespace?: string } | undefined
  const path = pathOf(ref, { namespace: metadata?.namespace ?? namespace })
  return transport.request({ method: 'POST', path, query: query(options), body: object })
}

/** The kind an object is of, as the cluster serves it in the object's own version. */
export function refOf(object: Record<string, unknown>, kinds: readonly Kind[]): ResourceRef | undefined {
  const { apiVersion, kind } = object
  if (typeof apiVersion !== 'string' || typeof kind !== 'string') return undefined
  const [first = '', second] = apiVersion.split('/')
  const [group, version] = second === undefined ? ['', first] : [first, second]
  const found = kinds.find(({ ref }) => ref.group === group && ref.kind === kind)
  return found && { ...found.ref, version }
}
