import type { DaemonSet } from '../../../shared/api/apps.ts'
import type { Pod, PodTemplateSpec } from '../../../shared/api/core.ts'
import { revisionLabel } from '../history/revisions.ts'
import { isTerminal } from '../pod-state.ts'
import { daemonTolerations } from './placement.ts'

const generationLabel = 'pod-template-generation'
const generationOf = ({ metadata }: DaemonSet) => metadata.annotations?.['deprecated.daemonset.template.generation']

/** The template of a daemon pod for one node, to which the scheduler binds it (CreatePodTemplate). */
export function templateFor(set: DaemonSet, node: string, hash: string): PodTemplateSpec {
  const { metadata, spec = { containers: [] } } = set.spec.template
  const generation = generationOf(set)
  const labels = {
    ...metadata?.labels,
    ...(generation !== undefined && { [generationLabel]: generation }),
    [revisionLabel]: hash,
  }
  const required = { nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: [node] }] }] }
  const { affinity } = spec
  const nodeAffinity = { ...affinity?.nodeAffinity, requiredDuringSchedulingIgnoredDuringExecution: required }
  return {
    metadata: { ...metadata, labels },
    spec: { ...spec, affinity: { ...affinity, nodeAffinity }, tolerations: daemonTolerations(spec) },
  }
}

/** The node a pod is on or meant for (GetTargetNodeName). */
function nodeOf({ spec }: Pod): string | undefined {
  if (spec.nodeName) return spec.nodeName
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
  const fields = required?.nodeSelectorTerms.flatMap(term => term.matchFields ?? []) ?? []
  const byName = fields.find(({ key, operator }) => key === 'metadata.name' && operator === 'In')
  return byName?.values?.length === 1 ? byName.values[0] : undefined
}

/** Whether a pod is of the current template, by its hash or, from before there were hashes, its generation (IsPodUpdated). */
export function isUpdated(set: DaemonSet, pod: Pod, hash: string): boolean {
  const { labels = {} } = pod.metadata
  const generation = generationOf(set)
  return labels[revisionLabel] === hash || (generation !== undefined && labels[generationLabel] === generation)
}

/** Pods by their nodes, the one that counts first: bound before unbound, old before young. What has ended and goes is left out. */
export function byNode(pods: readonly Pod[]): Map<string, Pod[]> {
  const nodes = new Map<string, Pod[]>()
  for (const pod of [...pods].sort((a, b) => (rankOf(a) < rankOf(b) ? -1 : 1))) {
    const node = nodeOf(pod)
    if (node === undefined || (isTerminal(pod) && pod.metadata.deletionTimestamp)) continue
    nodes.set(node, [...(nodes.get(node) ?? []), pod])
  }
  return nodes
}

const rankOf = ({ metadata, spec }: Pod) =>
  `${spec.nodeName ? 0 : 1} ${metadata.creationTimestamp ?? ''} ${metadata.name}`
