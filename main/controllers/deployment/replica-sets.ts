import type { Deployment, ReplicaSet } from '../../../shared/api/apps.ts'
import { jsonEqual } from '../../../shared/machinery/json-value.ts'

export const hashLabel = 'pod-template-hash'

/** Whether a ReplicaSet runs the Deployment's template; the hash label is the ReplicaSet's own (EqualIgnoreHash). */
export function runsTemplate(deployment: Deployment, replicaSet: ReplicaSet): boolean {
  return jsonEqual(withoutHash(deployment.spec.template), withoutHash(replicaSet.spec.template))
}

function withoutHash(template: ReplicaSet['spec']['template']) {
  const { [hashLabel]: _, ...labels } = template?.metadata?.labels ?? {}
  return { ...template, metadata: { ...template?.metadata, labels } }
}

/** The ReplicaSet of the current template, the oldest if there are several; and the others. */
export function splitReplicaSets(deployment: Deployment, all: readonly ReplicaSet[]) {
  const current = byAge(all).find(replicaSet => runsTemplate(deployment, replicaSet))
  return { current, old: all.filter(replicaSet => replicaSet !== current) }
}

/** The oldest first. */
export function byAge(all: readonly ReplicaSet[]): ReplicaSet[] {
  return [...all].sort((a, b) => createdAt(a) - createdAt(b) || (a.metadata.name < b.metadata.name ? -1 : 1))
}

const createdAt = (replicaSet: ReplicaSet) => Date.parse(replicaSet.metadata.creationTimestamp ?? '') || 0

/** Pods a ReplicaSet is asked for. */
export const size = (replicaSet: ReplicaSet | undefined) => (replicaSet ? (replicaSet.spec.replicas ?? 1) : 0)

export const isInUse = (replicaSet: ReplicaSet) => size(replicaSet) > 0

/** The sum of a number over ReplicaSets. */
export function sum(all: readonly ReplicaSet[], number: (replicaSet: ReplicaSet) => number | undefined): number {
  return all.reduce((total, replicaSet) => total + (number(replicaSet) ?? 0), 0)
}
