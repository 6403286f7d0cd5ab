import { apiServices, type APIService } from '../../../shared/api/apiregistration.ts'
import { customResourceDefinitions, type CustomResourceDefinition } from '../../../shared/api/apiextensions.ts'
import { pathOf } from '../../../shared/api/ref.ts'
import type { ApiTransport } from '../../../shared/client/client.ts'
import { unlessGone } from '../../../shared/client/unless-gone.ts'
import type { Logger } from '../../../shared/machinery/log.ts'
import { isAlreadyExists } from '../../../shared/machinery/status.ts'
import type { Resource } from '../../resources/resource.ts'
import type { Store } from '../../store/store.ts'
import { prefixOf } from '../registry/key.ts'
import { priorityOf } from './group-priorities.ts'
import { apiServiceName } from './remote-apis.ts'

interface Options {
  store: Store
  /** The kinds that are part of the server. */
  resources: readonly Resource[]
  transport: ApiTransport
  log: Logger
}

interface GroupVersion {
  group: string
  version: string
}

/** What marks an APIService as the server's own: made at its start, or kept in step with a definition. */
const managed = 'kube-aggregator.kubernetes.io/automanaged'
/** Below everything built in (crdregistration_controller.go). */
const customPriority = { groupPriorityMinimum: 1000, versionPriority: 100 }

/**
 * Keeps an APIService for each group version that this server answers for itself: the built-in ones from the start, those
 * of CustomResourceDefinitions as they come and go (kube-aggregator autoregister, pkg/controlplane crdregistration).
 */
export async function registerLocalApis({ store, resources, transport, log }: Options): Promise<Disposable> {
  const prefix = prefixOf(customResourceDefinitions)
  let running: Promise<void> | undefined
  let again = false
  const sync = () => {
    again = running !== undefined
    running ??= reconcileCustom(store, transport, prefix)
      .catch((error: unknown) => log.error('Registering the APIs of definitions failed', { error }))
      .finally(() => {
        running = undefined
        if (again) sync()
      })
  }
  const watch = store.watch(prefix, store.revision, { event: sync, closed() {} })
  const versions = new Map(resources.map(({ ref }) => [apiServiceName(ref), ref]))
  await Promise.all(
    [...versions.values()].map(at =>
      create(store, transport, localService(at, { label: 'onstart', ...priorityOf(at) })),
    ),
  )
  sync()
  return watch
}

interface Spec {
  label: 'onstart' | 'true'
  groupPriorityMinimum: number
  versionPriority: number
}

function localService({ group, version }: GroupVersion, { label, ...priorities }: Spec) {
  const name = apiServiceName({ group, version })
  return { metadata: { name, labels: { [managed]: label } }, spec: { group, version, ...priorities } }
}

async function reconcileCustom(store: Store, transport: ApiTransport, prefix: string): Promise<void> {
  const [{ entries }, existing] = await Promise.all([store.list(prefix), store.list(prefixOf(apiServices))])
  const wanted = new Map(
    entries
      .map(({ object }) => object as CustomResourceDefinition)
      .flatMap(({ spec }) =>
        spec.versions.filter(({ served }) => served).map(({ name }) => ({ group: spec.group, version: name })),
      )
      .map(at => [apiServiceName(at), at]),
  )
  const stale = existing.entries
    .map(({ object }) => object as APIService)
    .filter(({ metadata }) => metadata.labels?.[managed] === 'true' && !wanted.has(metadata.name))
  await Promise.all([
    ...[...wanted.values()].map(at => create(store, transport, localService(at, { label: 'true', ...customPriority }))),
    ...stale.map(({ metadata: { name } }) => remove(transport, name)),
  ])
}

/** Does nothing if it is there, be it another's. */
async function create(store: Store, transport: ApiTransport, body: ReturnType<typeof localService>): Promise<void> {
  if (store.get(`${prefixOf(apiServices)}/${body.metadata.name}`)) return
  try {
    await transport.request({ method: 'POST', path: pathOf(apiServices), body })
  } catch (error) {
    if (!isAlreadyExists(error)) throw error
  }
}

async function remove(transport: ApiTransport, name: string): Promise<void> {
  await unlessGone(transport.request({ method: 'DELETE', path: pathOf(apiServices, { name }) }))
}
