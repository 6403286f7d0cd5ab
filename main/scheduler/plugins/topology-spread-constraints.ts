import type { Node, Pod, PodSpec } from '../../../shared/api/core.ts'
import {
  matchesRequirements,
  requirementsOf,
  type LabelSelector,
  type Requirement,
} from '../../../shared/machinery/selectors.ts'
import type { NodeInfo } from '../node-info.ts'
import type { Cluster } from '../plugin.ts'
import { meetsRequiredAffinity } from '../../../shared/machinery/node-selector.ts'
import { forbidding } from './taint-toleration.ts'

type ApiConstraint = NonNullable<PodSpec['topologySpreadConstraints']>[number]

/** A topology spread constraint with its defaults and its selector parsed. */
export interface Constraint {
  readonly topologyKey: string
  readonly maxSkew: number
  readonly minDomains: number
  readonly selector: readonly Requirement[]
  /** Whether a node counts at all, by the constraint's node inclusion policies. */
  readonly includes: (node: Node) => boolean
}

/** The pod's own constraints of one kind (podtopologyspread/common.go). */
export function constraintsOf(pod: Pod, whenUnsatisfiable: 'DoNotSchedule' | 'ScheduleAnyway'): Constraint[] {
  return (pod.spec.topologySpreadConstraints ?? [])
    .filter(each => each.whenUnsatisfiable === whenUnsatisfiable)
    .map(each => parse(pod, each))
}

function parse(pod: Pod, constraint: ApiConstraint): Constraint {
  const { topologyKey, maxSkew, minDomains = 1, labelSelector, matchLabelKeys = [] } = constraint
  const { nodeAffinityPolicy = 'Honor', nodeTaintsPolicy = 'Ignore' } = constraint
  const labels = pod.metadata.labels ?? {}
  const own = matchLabelKeys.flatMap((key): Requirement[] => {
    const value = labels[key]
    return value === undefined ? [] : [{ key, operator: '=', values: [value] }]
  })
  return {
    topologyKey,
    maxSkew,
    minDomains,
    selector: [...requirementsOf(labelSelector), ...own],
    includes: node =>
      (nodeAffinityPolicy !== 'Honor' || meetsRequiredAffinity(pod.spec, node)) &&
      (nodeTaintsPolicy !== 'Honor' || !forbidding(node.spec?.taints ?? [], pod.spec.tolerations)),
  }
}

/** For pods without constraints of their own that belong to something: spread over nodes, then zones. */
export function defaultConstraints(pod: Pod, cluster: Cluster): Constraint[] {
  const selector = defaultSelector(pod, cluster)
  if (selector.length === 0) return []
  const common = { minDomains: 1, selector, includes: (node: Node) => meetsRequiredAffinity(pod.spec, node) }
  return [
    { ...common, topologyKey: 'kubernetes.io/hostname', maxSkew: 3 },
    { ...common, topologyKey: 'topology.kubernetes.io/zone', maxSkew: 5 },
  ]
}

/** What the Services of a pod and its controller select (plugins/helper/spread.go). */
function defaultSelector({ metadata }: Pod, { listers }: Cluster): readonly Requirement[] {
  const { namespace = '', labels = {}, ownerReferences = [] } = metadata
  const exact = (matchLabels: Record<string, string> | undefined) => requirementsOf({ matchLabels: matchLabels ?? {} })
  const services = listers.services
    .list(namespace)
    .filter(({ spec }) => spec.selector && matchesRequirements(exact(spec.selector), labels))
  const merged = services.flatMap(({ spec }) => exact(spec.selector))
  const owner = ownerReferences.find(each => each.controller)
  if (!owner) return merged
  const key = { namespace, name: owner.name }
  switch (`${owner.apiVersion} ${owner.kind}`) {
    case 'v1 ReplicationController':
      return [...merged, ...exact(listers.replicationControllers.get(key)?.spec.selector)]
    case 'apps/v1 ReplicaSet':
      return [...merged, ...ofController(listers.replicaSets.get(key))]
    case 'apps/v1 StatefulSet':
      return [...merged, ...ofController(listers.statefulSets.get(key))]
    default:
      return merged
  }
}

const ofController = (controller: { spec?: { selector: unknown } } | undefined) =>
  controller?.spec ? requirementsOf(controller.spec.selector as LabelSelector) : []

export const hasDomains = (node: Node, constraints: readonly Constraint[]) =>
  constraints.every(({ topologyKey }) => node.metadata.labels?.[topologyKey] !== undefined)

/** Pods of a namespace on a node that a selector means; those on their way out do not count, an empty selector means none. */
export function countMatching({ pods }: NodeInfo, selector: readonly Requirement[], namespace: string): number {
  if (selector.length === 0) return 0
  let count = 0
  for (const { pod, namespace: its } of pods.values()) {
    if (its === namespace && !pod.metadata.deletionTimestamp && matchesRequirements(selector, pod.metadata.labels)) {
      count++
    }
  }
  return count
}
