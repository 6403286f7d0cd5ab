import { persistentVolumeClaims, pods, services } from '../../api/core.ts'
import type { KubeObject } from '../../api/object.ts'
import { groupResourceOf, type ResourceRef } from '../../api/ref.ts'
import { resourceClaims } from '../../api/resource.ts'
import { countName, type QuotaEvaluator } from './evaluator.ts'
import { podQuota } from './pods.ts'
import { resourceClaimQuota } from './resource-claims.ts'
import { serviceQuota } from './services.ts'
import { volumeClaimQuota } from './volume-claims.ts'

/** The one place where the kind of an evaluator's objects is let go: it is found by the kind. */
const anyKind = <T extends KubeObject>(evaluator: QuotaEvaluator<T>) => evaluator as unknown as QuotaEvaluator

const special = new Map([
  [groupResourceOf(pods), anyKind(podQuota)],
  [groupResourceOf(services), anyKind(serviceQuota)],
  [groupResourceOf(persistentVolumeClaims), anyKind(volumeClaimQuota)],
  [groupResourceOf(resourceClaims), anyKind(resourceClaimQuota)],
])
/** Kinds whose number has a name from before `count/...`. */
const aliases = ['configmaps', 'resourcequotas', 'replicationcontrollers', 'secrets']
/** Events come in masses and are nobody's (pkg/quota/v1/install/registry.go). */
const ignored = new Set(['events', 'events.events.k8s.io'])

/** How the objects of a kind are counted: most of them only by their number. Undefined for those that no quota counts. */
export function quotaEvaluatorOf(ref: Pick<ResourceRef, 'group' | 'resource'>): QuotaEvaluator | undefined {
  const id = groupResourceOf(ref)
  return ignored.has(id) ? undefined : (special.get(id) ?? countOnly(ref))
}

/** Counts objects (apiserver/pkg/quota/v1/generic ObjectCountEvaluator). */
function countOnly(ref: Pick<ResourceRef, 'group' | 'resource'>): QuotaEvaluator {
  const names = [countName(ref), ...(ref.group === '' && aliases.includes(ref.resource) ? [ref.resource] : [])]
  const usage = Object.fromEntries(names.map(name => [name, '1']))
  return {
    counts: name => names.includes(name),
    usage: () => usage,
    handles: ({ operation, subresource }) => operation === 'CREATE' && subresource === '',
  }
}
