import { flowSchemas, priorityLevelConfigurations, type FlowSchema } from '../../../shared/api/flowcontrol.ts'
import type { Store } from '../../store/store.ts'
import { createLiveList } from '../registry/live-list.ts'
import type { RequestInfo } from '../request-info.ts'
import type { UserInfo } from '../request.ts'
import { isLongRunning } from './long-running.ts'

/** The uids of the FlowSchema that a request belongs to and of its PriorityLevelConfiguration. */
export interface Flow {
  readonly schema: string
  readonly level: string
}

export interface FlowControl extends Disposable {
  /**
   * What an answer says about its request (X-Kubernetes-PF-*-UID). Undefined for long-running requests other than
   * watches, and while there is no schema for it. At once unless the objects have just changed.
   */
  classify(user: UserInfo, info: RequestInfo): Flow | undefined | Promise<Flow | undefined>
}

/**
 * Sorts requests by the FlowSchemas that there are (apiserver/pkg/util/flowcontrol): the first that matches, by
 * precedence and then by name, of those whose level exists. It only tells: how many may run is said by createInFlight.
 */
export function createFlowControl(store: Store): FlowControl {
  const schemas = createLiveList(store, flowSchemas, objects =>
    [...objects].sort((a, b) => precedenceOf(a) - precedenceOf(b) || (a.metadata.name < b.metadata.name ? -1 : 1)),
  )
  const levels = createLiveList(store, priorityLevelConfigurations, objects => [
    new Map(objects.map(({ metadata: { name, uid } }) => [name, uid])),
  ])
  return {
    classify(user, info) {
      if (isLongRunning(info) && info.verb !== 'watch') return undefined
      const [all, uids] = [schemas.all(), levels.all()]
      if (!(all instanceof Promise) && !(uids instanceof Promise)) return flowOf(all, uids[0], { user, info })
      return Promise.all([all, uids]).then(([found, [known]]) => flowOf(found, known, { user, info }))
    },
    [Symbol.dispose]() {
      schemas[Symbol.dispose]()
      levels[Symbol.dispose]()
    },
  }
}

const precedenceOf = ({ spec }: FlowSchema) => spec.matchingPrecedence ?? 1000

interface Asked {
  user: UserInfo
  info: RequestInfo
}

function flowOf(
  schemas: readonly FlowSchema[],
  levels: ReadonlyMap<string, string> | undefined,
  asked: Asked,
): Flow | undefined {
  for (const { metadata, spec } of schemas) {
    const level = levels?.get(spec.priorityLevelConfiguration.name)
    if (level !== undefined && (spec.rules ?? []).some(rule => matchesRule(rule, asked))) {
      return { schema: metadata.uid, level }
    }
  }
  return undefined
}

type Rule = NonNullable<FlowSchema['spec']['rules']>[number]

/** apiserver/pkg/util/flowcontrol/rule.go. */
function matchesRule({ subjects, resourceRules, nonResourceRules }: Rule, { user, info }: Asked): boolean {
  if (!subjects.some(subject => matchesSubject(subject, user))) return false
  if (!info.isResource) {
    return (nonResourceRules ?? []).some(
      ({ verbs, nonResourceURLs }) => has(verbs, info.verb) && nonResourceURLs.some(url => covers(url, info.path)),
    )
  }
  const resource = info.subresource === '' ? info.resource : `${info.resource}/${info.subresource}`
  return (resourceRules ?? []).some(
    rule =>
      has(rule.verbs, info.verb) &&
      has(rule.resources, resource) &&
      has(rule.apiGroups, info.group) &&
      (info.namespace === '' ? rule.clusterScope === true : has(rule.namespaces ?? [], info.namespace)),
  )
}

/** A star stands for all only where it stands alone. */
const has = (list: readonly string[], value: string) => (list.length === 1 && list[0] === '*') || list.includes(value)

function covers(pattern: string, path: string): boolean {
  return pattern === '*' || pattern === path || path.startsWith(pattern.replace(/\/?\*?$/, '/'))
}

function matchesSubject({ kind, user, group, serviceAccount }: Rule['subjects'][number], asker: UserInfo): boolean {
  switch (kind) {
    case 'User':
      return user?.name === '*' || user?.name === asker.name
    case 'Group':
      return group !== undefined && (group.name === '*' || asker.groups.includes(group.name))
    case 'ServiceAccount': {
      if (!serviceAccount) return false
      const prefix = `system:serviceaccount:${serviceAccount.namespace}:`
      return serviceAccount.name === '*' ? asker.name.startsWith(prefix) : asker.name === prefix + serviceAccount.name
    }
    default:
      return false
  }
}
