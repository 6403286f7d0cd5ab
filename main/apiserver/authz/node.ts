import { nodes, pods, type Pod } from '../../../shared/api/core.ts'
import type { KubeObject } from '../../../shared/api/object.ts'
import { quote } from '../../../shared/machinery/field-errors.ts'
import type { Store } from '../../store/store.ts'
import type { Authorizer, Decision } from '../filters/authorize.ts'
import { find } from '../registry/find.ts'
import { prefixOf } from '../registry/key.ts'
import type { RequestInfo } from '../request-info.ts'
import type { UserInfo } from '../request.ts'
import { policyTable, ruleOf } from './bootstrap/policy-table.ts'
import { ruleAllows } from './match-rule.ts'
import { refersTo, type Referenced } from './pod-references.ts'

const userPrefix = 'system:node:'

/** The node that a user is: '' for a member of system:nodes that is named otherwise, undefined for everyone else. */
export function nodeNameOf({ name, groups }: UserInfo): string | undefined {
  if (!name.startsWith(userPrefix) || !groups.includes('system:nodes')) return undefined
  return name.slice(userPrefix.length)
}

const allow: Decision = { allowed: true, reason: '' }
const refuse = (reason = ''): Decision => ({ allowed: false, reason })

/**
 * Lets kubelets do their work for the pods of their own node (plugin/pkg/auth/authorizer/node): what pods refer to is
 * looked for in the store, instead of in a graph that every write would have to keep up.
 */
export function nodeAuthorizer(store: Store): Authorizer {
  let rules: ReturnType<typeof ruleOf>[] | undefined
  const relation = createRelation(store)
  return {
    authorize(user, info) {
      const node = nodeNameOf(user)
      if (node === undefined) return refuse()
      if (node === '') return refuse(`unknown node for user ${quote(user.name)}`)
      const decide = info.isResource ? special[qualified(info)] : undefined
      if (decide) return decide(node, info, relation)
      rules ??= (policyTable().clusterRoles['system:node'] ?? []).map(ruleOf)
      return rules.some(rule => ruleAllows(rule, info)) ? allow : refuse()
    },
  }
}

const qualified = ({ group, resource }: RequestInfo) => (group === '' ? resource : `${resource}.${group}`)

/** Decides about an object by what ties it to the node. */
type Relation = (node: string, info: RequestInfo) => Promise<Decision>
type Decide = (node: string, info: RequestInfo, relation: Relation) => Decision | Promise<Decision>

const special: Readonly<Record<string, Decide | undefined>> = {
  secrets: readNamespaced,
  configmaps: readNamespaced,
  persistentvolumes: getOne,
  'volumeattachments.storage.k8s.io': getOne,
  'resourceclaims.resource.k8s.io': getOne,
  persistentvolumeclaims(node, info, relation) {
    if (info.subresource !== 'status') return getOne(node, info, relation)
    if (!['update', 'patch'].includes(info.verb)) return refuse('can only get/update/patch this type')
    return relation(node, info)
  },
  serviceaccounts(node, info, relation) {
    if (info.verb === 'get' && info.subresource === '') return readNamespaced(node, info, relation)
    if (info.verb !== 'create' || info.name === '')
      return refuse('can only create tokens for individual service accounts')
    if (info.subresource !== 'token') return refuse('can only create token subresource of serviceaccount')
    return relation(node, info)
  },
  'leases.coordination.k8s.io'(node, { verb, namespace, name }) {
    if (!owned.includes(verb)) return refuse('can only get, create, update, patch, or delete a node lease')
    if (namespace !== 'kube-node-lease')
      return refuse('can only access leases in the "kube-node-lease" system namespace')
    // The name of a new one is for admission to look at.
    if (verb === 'create' || name === node) return allow
    return refuse('can only access node lease with the same name as the requesting node')
  },
  'csinodes.storage.k8s.io'(node, { verb, subresource, name }) {
    if (!owned.includes(verb)) return refuse('can only get, create, update, patch, or delete a CSINode')
    if (subresource !== '') return refuse('cannot authorize CSINode subresources')
    if (verb === 'create' || name === node) return allow
    return refuse('can only access CSINode with the same name as the requesting node')
  },
  nodes(node, { verb, subresource, name }) {
    if (subresource === 'status') return ['update', 'patch'].includes(verb) ? allow : refuse()
    if (subresource !== '') return refuse()
    if (['create', 'update', 'patch'].includes(verb)) return allow
    if (!reading.includes(verb)) return refuse()
    if (name === node) return allow
    return refuse(`node '${node}' cannot read ${name === '' ? 'all nodes' : `'${name}'`}, only its own Node object`)
  },
  pods(node, info, relation) {
    const { verb, subresource, name, fieldSelector = '' } = info
    if (subresource === 'status') return ['update', 'patch'].includes(verb) ? allow : refuse()
    if (subresource === 'eviction') return verb === 'create' ? allow : refuse()
    if (subresource !== '') return refuse()
    if (['create', 'delete'].includes(verb)) return allow
    if (verb === 'get') return relation(node, info)
    if (verb !== 'list' && verb !== 'watch') return refuse()
    if (/(?:^|,)spec\.nodeName==?([^,]+)(?:,|$)/.exec(fieldSelector)?.[1] === node) return allow
    return name === '' ? refuse('can only list/watch pods with spec.nodeName field selector') : relation(node, info)
  },
}

const owned = ['get', 'create', 'update', 'patch', 'delete']
const reading = ['get', 'list', 'watch']

function getOne(node: string, info: RequestInfo, relation: Relation): Decision | Promise<Decision> {
  if (info.verb !== 'get') return refuse('can only get individual resources of this type')
  return info.subresource === '' ? relation(node, info) : refuse('cannot get subresource')
}

function readNamespaced(node: string, info: RequestInfo, relation: Relation): Decision | Promise<Decision> {
  if (!reading.includes(info.verb)) return refuse('can only read resources of this type')
  if (info.subresource !== '') return refuse('cannot read subresource')
  if (info.namespace === '') return refuse('can only read namespaced object of this type')
  return relation(node, info)
}

function createRelation(store: Store): Relation {
  const podsOf = async (node: string, namespace: string): Promise<Pod[]> => {
    const { entries } = await store.list(prefixOf(pods, namespace))
    return entries.map(entry => entry.object as Pod).filter(({ spec }) => spec.nodeName === node)
  }
  const related = async (node: string, info: RequestInfo): Promise<boolean> => {
    const { namespace, name, resource } = info
    switch (resource) {
      case 'pods':
        return find(store, pods, { namespace, name })?.spec.nodeName === node
      case 'persistentvolumes': {
        const claim = claimOf(store.get(`/${info.group}/persistentvolumes//${name}`)?.object)
        if (!claim) return false
        const own = await podsOf(node, claim.namespace)
        return own.some(pod => refersTo(pod, 'persistentvolumeclaims', claim.name))
      }
      case 'volumeattachments': {
        const attachment = store.get(`/${info.group}/volumeattachments//${name}`)?.object
        return (attachment as { spec?: { nodeName?: string } } | undefined)?.spec?.nodeName === node
      }
      case 'resourceclaims':
        return (await podsOf(node, namespace)).some(pod => claimsResource(pod, name))
      default:
        return (await podsOf(node, namespace)).some(pod => refersTo(pod, resource as Referenced, name))
    }
  }
  return async (node, info) => {
    if (info.name === '') return refuse('No Object name found')
    const known = find(store, nodes, { namespace: '', name: node }) !== undefined
    if (known && (await related(node, info))) return allow
    return refuse(`no relationship found between node '${node}' and this object`)
  }
}

function claimOf(volume: KubeObject | undefined): { namespace: string; name: string } | undefined {
  const { claimRef } =
    (volume as { spec?: { claimRef?: { namespace?: string; name?: string } } } | undefined)?.spec ?? {}
  return claimRef && { namespace: claimRef.namespace ?? '', name: claimRef.name ?? '' }
}

function claimsResource({ spec, status }: Pod, name: string): boolean {
  const claims = [...(spec.resourceClaims ?? []), ...(status?.resourceClaimStatuses ?? [])]
  return claims.some(({ resourceClaimName }) => resourceClaimName === name)
}
