import {
  customResourceDefinitions,
  isConditionTrue,
  type CustomResourceDefinition,
} from '../../../shared/api/apiextensions.ts'
import { jsonEqual } from '../../../shared/machinery/json-value.ts'
import { compareKubeVersions } from '../../resources/custom/kube-version.ts'
import { customResources, type CustomResources } from '../../resources/custom/custom-resources.ts'
import { renamed, type Convert } from '../../resources/custom/stored-form.ts'
import type { Resource } from '../../resources/resource.ts'
import type { StoreEvent } from '../../store/store.ts'
import type { WebhookClient } from '../egress/webhook-client.ts'
import type { Core } from '../registry/core.ts'
import { prefixOf } from '../registry/key.ts'
import type { LiveResourceIndex } from '../registry/resource-index.ts'
import { loadSchemas, rules } from './load-schemas.ts'
import { webhookConverter } from './webhook-converter.ts'

/** A definition and what it makes; undefined while its names are not accepted or it can't be served. */
interface Known {
  crd: CustomResourceDefinition
  resources: CustomResources | undefined
  isGoing: boolean
  /** As discovery shows them: while a definition is going, nothing can be made or changed. */
  listed: readonly Resource[]
}

/** The definitions that are stored, as the index serves them. */
export interface Definitions extends Disposable {
  /** Resolves when all that were stored at the start are served. */
  readonly ready: Promise<void>
  get(name: string): Known | undefined
  ofGroup(group: string): CustomResourceDefinition[]
}

interface Options {
  core: Pick<Core, 'store' | 'watches' | 'log'>
  index: LiveResourceIndex
  webhooks: Pick<WebhookClient, 'post'>
  /** Called with a definition's name after each change of it, its end included. */
  changed: (name: string, gone: CustomResourceDefinition | undefined) => void
}

/** Follows the definitions in the store from its commit path, so that kinds come and go with the writes that say so. */
export function followDefinitions({ core, index, webhooks, changed }: Options): Definitions {
  const { store, watches, log } = core
  const known = new Map<string, Known>()
  const owned = new DisposableStack()

  const make = (crd: CustomResourceDefinition, before: Known | undefined): CustomResources | undefined => {
    if (!isConditionTrue(crd, 'Established')) return undefined
    if (before?.resources && isSameKind(crd, before.crd)) return before.resources
    try {
      return customResources(crd, { rules, convert: converterOf(crd, webhooks) })
    } catch (error) {
      log.error('Definition can not be served', { definition: crd.metadata.name, error })
      return undefined
    }
  }
  const publish = () => {
    index.replace([...known.values()].flatMap(({ listed }) => listed).sort(byPlace))
  }
  /** Watches of a kind that is gone or has another schema now end: what they would tell is no longer what is served. */
  const endWatches = (before: CustomResources | undefined, after: CustomResources | undefined) => {
    if (before === after) return
    for (const { stored } of before?.served ?? []) if (stored) watches.end(stored)
  }
  const put = (crd: CustomResourceDefinition) => {
    const { name } = crd.metadata
    const before = known.get(name)
    const resources = make(crd, before)
    const isGoing = isConditionTrue(crd, 'Terminating')
    const same = before?.resources === resources && before?.isGoing === isGoing
    const served = resources?.served ?? []
    const going = () => (isGoing ? served.map(resource => ({ ...resource, isTerminating: true })) : served)
    known.set(name, { crd, resources, isGoing, listed: same ? before.listed : going() })
    return () => {
      endWatches(before?.resources, resources)
    }
  }
  const follow = ({ type, entry }: StoreEvent) => {
    const crd = entry.object as CustomResourceDefinition
    const { name } = crd.metadata
    if (type === 'put') {
      const end = put(crd)
      publish()
      end()
      changed(name, undefined)
      return
    }
    const before = known.get(name)
    known.delete(name)
    publish()
    endWatches(before?.resources, undefined)
    changed(name, crd)
  }
  const start = async () => {
    const prefix = prefixOf(customResourceDefinitions)
    const { entries, revision } = await store.list(prefix)
    // Later ones are made when these are loaded: see `definitionAdmission`.
    if (entries.length > 0) await loadSchemas()
    if (owned.disposed) return
    for (const { object } of entries) put(object as CustomResourceDefinition)
    if (entries.length > 0) publish()
    owned.use(store.watch(prefix, revision, { event: follow, closed() {} }))
    for (const name of known.keys()) changed(name, undefined)
  }
  return {
    ready: start(),
    get: name => known.get(name),
    ofGroup: group => [...known.values()].map(({ crd }) => crd).filter(({ spec }) => spec.group === group),
    [Symbol.dispose]: () => owned.dispose(),
  }
}

/** Whether nothing that resources are made of has changed. */
function isSameKind(a: CustomResourceDefinition, b: CustomResourceDefinition): boolean {
  return jsonEqual(a.spec, b.spec) && jsonEqual(a.status?.acceptedNames, b.status?.acceptedNames)
}

function converterOf(crd: CustomResourceDefinition, webhooks: Pick<WebhookClient, 'post'>): Convert {
  return (crd.spec.conversion?.strategy === 'Webhook' && webhookConverter(crd, webhooks)) || renamed
}

/** Groups by name, their best version first. */
function byPlace({ ref: a }: Resource, { ref: b }: Resource): number {
  if (a.group !== b.group) return a.group < b.group ? -1 : 1
  return compareKubeVersions(a.version, b.version) || (a.resource < b.resource ? -1 : 1)
}
