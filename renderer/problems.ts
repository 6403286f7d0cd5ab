import { deployments } from '../shared/api/apps.ts'
import { nodes, pods, services } from '../shared/api/core.ts'
import type { KubeObject } from '../shared/api/object.ts'
import type { ResourceRef } from '../shared/api/ref.ts'
import { statusOf } from './status/status-of.ts'
import { conditionsOf, since, type Mark, type ObjectStatus } from './status/status.ts'
import { whyOf, type ClusterEvidence } from './why/why-of.ts'
import type { Why } from './why/why.ts'

/** Something that is wrong now, with its urgency rather than its state as its mark. */
export interface Problem {
  mark: Extract<Mark, 'err' | 'warn'>
  ref: ResourceRef
  object: KubeObject
  status: ObjectStatus
  why: Why | undefined
  /** Milliseconds since the epoch; undefined if nothing tells. */
  since: number | undefined
  /** How many more pods of its owner fail for the same cause. */
  others: number
}

/** A pod may be on its way for this long before that is a problem. */
const patience = 60_000

interface Candidates {
  deployments: readonly KubeObject[]
  pods: readonly KubeObject[]
  services: readonly KubeObject[]
  nodes: readonly KubeObject[]
}

/**
 * What is wrong, worst and newest first. Pods that fail for their Deployment are told by it, those of one owner that
 * wait alike by the first of them, and a Service without endpoints by its pods where those are a problem already: one
 * cause is one line.
 */
export function findProblems(candidates: Candidates, evidence: ClusterEvidence): Problem[] {
  const { context } = evidence
  const of = (ref: ResourceRef, list: readonly KubeObject[]): Problem[] =>
    list.flatMap(object => {
      const status = statusOf(object, context)
      const mark = status && urgency(object, status, context.now)
      return mark
        ? [
            {
              mark,
              ref,
              object,
              status,
              why: whyOf(ref, object, evidence),
              since: sinceWhen(object, evidence),
              others: 0,
            },
          ]
        : []
    })
  const failing = of(deployments, candidates.deployments)
  const told = new Set(
    failing.flatMap(({ object }) =>
      context
        .children(object.metadata.uid)
        .flatMap(rs => context.children(rs.metadata.uid).map(pod => pod.metadata.uid)),
    ),
  )
  const own = of(pods, candidates.pods).filter(({ object }) => !told.has(object.metadata.uid))
  const troubled = new Set([...own.map(p => p.object.metadata.uid), ...told])
  const found = [...failing, ...together(own), ...of(nodes, candidates.nodes), ...of(services, candidates.services)]
  return found
    .filter(problem => problem.ref.resource !== 'services' || !explained(problem, candidates.pods, troubled))
    .toSorted((a, b) => Number(b.mark === 'err') - Number(a.mark === 'err') || (b.since ?? 0) - (a.since ?? 0))
}

function together(own: readonly Problem[]): Problem[] {
  const alike = Map.groupBy(own, ({ object: { metadata }, mark, status, why }) => {
    const owner = metadata.ownerReferences?.find(o => o.controller)?.uid ?? metadata.uid
    return JSON.stringify([owner, mark, status.word, why?.sentence])
  })
  return [...alike.values()].flatMap(([first, ...others]) => (first ? [{ ...first, others: others.length }] : []))
}

function urgency(object: KubeObject, { mark }: ObjectStatus, now: number): Problem['mark'] | undefined {
  if (mark === 'err' || mark === 'warn') return mark
  const waits =
    mark === 'pend' && since(object.metadata.deletionTimestamp ?? object.metadata.creationTimestamp, now) > patience
  return waits && object.kind === 'Pod' ? 'warn' : undefined
}

function explained({ object }: Problem, all: readonly KubeObject[], troubled: ReadonlySet<string>): boolean {
  const { spec } = object as KubeObject & { spec?: { selector?: Record<string, string> } }
  const selector = Object.entries(spec?.selector ?? {})
  return all.some(
    pod =>
      troubled.has(pod.metadata.uid) &&
      pod.metadata.namespace === object.metadata.namespace &&
      selector.every(([name, value]) => pod.metadata.labels?.[name] === value),
  )
}

/** Conditions of workloads, pods and nodes that are bad when they are not True. */
const wanted = ['Ready', 'Available', 'Progressing', 'PodScheduled', 'ContainersReady']

/** When its last condition turned bad; of a workload, when the first of its failing pods did. */
function sinceWhen(object: KubeObject, evidence: ClusterEvidence): number | undefined {
  const turned = conditionsOf(object)
    .filter(c => wanted.includes(c.type) && c.status !== 'True')
    .map(c => Date.parse(c.lastTransitionTime ?? ''))
    .filter(Number.isFinite)
  if (turned.length > 0) return Math.max(...turned)
  const { context } = evidence
  const below = context
    .children(object.metadata.uid)
    .flatMap(child => (statusOf(child, context)?.mark === 'ok' ? [] : (sinceWhen(child, evidence) ?? [])))
  return below.length > 0 ? Math.min(...below) : undefined
}
