import type { DaemonSet } from '../../../shared/api/apps.ts'
import type { Node, PodSpec } from '../../../shared/api/core.ts'
import { meetsRequiredAffinity } from '../../../shared/machinery/node-selector.ts'
import { untolerated, type Toleration } from '../../../shared/machinery/tolerations.ts'

const exists = (key: string, effect: string): Toleration => ({
  key: `node.kubernetes.io/${key}`,
  operator: 'Exists',
  effect,
})

const always = [
  exists('not-ready', 'NoExecute'),
  exists('unreachable', 'NoExecute'),
  exists('disk-pressure', 'NoSchedule'),
  exists('memory-pressure', 'NoSchedule'),
  exists('pid-pressure', 'NoSchedule'),
  exists('unschedulable', 'NoSchedule'),
]

/** Daemons stay where a node is in trouble (daemon/util AddOrUpdateDaemonPodTolerations). */
export function daemonTolerations({ tolerations = [], hostNetwork }: PodSpec): Toleration[] {
  const added = hostNetwork ? [...always, exists('network-unavailable', 'NoSchedule')] : always
  const isAdded = (given: Toleration) =>
    added.some(
      ({ key, effect }) => given.key === key && given.effect === effect && given.operator === 'Exists' && !given.value,
    )
  return [...tolerations.filter(given => !isAdded(given)), ...added]
}

/**
 * Whether a node without a daemon pod gets one, and whether one that is there may stay: taints that came later only
 * drive it away if they are NoExecute (NodeShouldRunDaemonPod).
 */
export function placementOn(node: Node, { spec }: DaemonSet): { shouldRun: boolean; mayStay: boolean } {
  const podSpec = spec.template.spec ?? { containers: [] }
  const { nodeName } = podSpec
  if (nodeName && nodeName !== node.metadata.name) return { shouldRun: false, mayStay: false }
  if (!meetsRequiredAffinity(podSpec, node)) return { shouldRun: false, mayStay: false }
  const tolerations = daemonTolerations(podSpec)
  const { taints = [] } = node.spec ?? {}
  const repelled = (...effects: string[]) =>
    untolerated(
      taints.filter(({ effect }) => effects.includes(effect)),
      tolerations,
    ) !== undefined
  return { shouldRun: !repelled('NoExecute', 'NoSchedule'), mayStay: !repelled('NoExecute') }
}
