import type { Deployment, ReplicaSet } from '../../../shared/api/apps.ts'
import { surge } from './rolling.ts'

export const revisionAnnotation = 'deployment.kubernetes.io/revision'
const revisionHistory = 'deployment.kubernetes.io/revision-history'
const desiredReplicas = 'deployment.kubernetes.io/desired-replicas'
const maxReplicas = 'deployment.kubernetes.io/max-replicas'

/** What a ReplicaSet does not take over from its Deployment. */
const ownAnnotations = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  revisionAnnotation,
  revisionHistory,
  desiredReplicas,
  maxReplicas,
  'deprecated.deployment.rollback.to',
])

/** Characters that the revision history may have before its oldest entries go. */
const historyLimit = 2000

type Annotations = Record<string, string>

/** The revision of a rollout, a 64-bit integer; 0 if there is none to read. */
export function revisionOf(object: Deployment | ReplicaSet): bigint {
  return asRevision(object.metadata.annotations?.[revisionAnnotation])
}

function asRevision(text = ''): bigint {
  return /^-?\d+$/.test(text) ? BigInt.asIntN(64, BigInt(text)) : 0n
}

/** The highest revision; 0 if there is none. */
export function lastRevision(all: readonly ReplicaSet[]): bigint {
  return all.map(revisionOf).reduce((last, revision) => (revision > last ? revision : last), 0n)
}

/** The lower revision first. */
export function byRevision(a: ReplicaSet, b: ReplicaSet): number {
  const difference = revisionOf(a) - revisionOf(b)
  return difference < 0n ? -1 : Number(difference > 0n)
}

/** The Deployment's size when it last scaled this ReplicaSet; undefined if the annotation is missing. */
export function desiredOf(replicaSet: ReplicaSet): number | undefined {
  return numberAt(replicaSet, desiredReplicas)
}

/** The most pods the Deployment allowed itself then, surge included. */
export function maxOf(replicaSet: ReplicaSet): number | undefined {
  return numberAt(replicaSet, maxReplicas)
}

function numberAt(replicaSet: ReplicaSet, name: string): number | undefined {
  const text = replicaSet.metadata.annotations?.[name]
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined
}

/** The sizes that proportional scaling later starts from. */
export function sizeAnnotations(deployment: Deployment): Annotations {
  const desired = deployment.spec.replicas ?? 1
  return { [desiredReplicas]: String(desired), [maxReplicas]: String(desired + surge(deployment)) }
}

/**
 * The annotations of the ReplicaSet of the current template: the Deployment's, and `revision` if it is higher than what
 * is there, which then goes into the history (deployment/util SetNewReplicaSetAnnotations).
 */
export function rolloutAnnotations(deployment: Deployment, before: Annotations, revision: bigint): Annotations {
  const inherited = Object.entries(deployment.metadata.annotations ?? {}).filter(([name]) => !ownAnnotations.has(name))
  const annotations = { ...before, ...Object.fromEntries(inherited) }
  const old = asRevision(before[revisionAnnotation])
  if (old >= revision) return annotations
  annotations[revisionAnnotation] = String(revision)
  if (before[revisionAnnotation] !== undefined) {
    annotations[revisionHistory] = appended(before[revisionHistory] ?? '', String(old))
  }
  return annotations
}

function appended(history: string, entry: string): string {
  const entries = history === '' ? [] : history.split(',')
  while (entries.length > 0 && [...entries, entry].join(',').length > historyLimit) entries.shift()
  return [...entries, entry].join(',')
}
