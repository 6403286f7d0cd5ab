import { nodes, pods, type Pod } from '../../shared/api/core.ts'
import { linkTo } from '../object-link.ts'
import { nodeStatus } from '../status/node-status.ts'
import { allContainers, lastRestart, podStatus, resizeTrouble } from '../status/pod-status.ts'
import { killerOf } from './killer.ts'
import { whyContainer, worstContainer } from './why-container.ts'
import { whyFailed } from './why-failed.ts'
import { whyNotReady } from './why-not-ready.ts'
import { whyPending } from './why-pending.ts'
import { editPod, linesOf, type PodEvidence, type Why } from './why.ts'

/** Why a pod isn't running as wanted, or undefined if it is. */
export function whyPod(evidence: PodEvidence): Why | undefined {
  const { pod, now } = evidence
  const status = podStatus(pod, now)
  if (status.mark === 'ok' || status.mark === 'done') return undefined
  if (pod.metadata.deletionTimestamp) return whyTerminating(evidence)
  const failed = whyFailed(pod)
  if (failed) return failed
  const bad = worstContainer(pod)
  if (bad) return whyContainer(evidence, bad)
  return whyPending(evidence) ?? whyNotReady(evidence) ?? whyResize(pod) ?? whyRestarted(evidence)
}

function whyRestarted(evidence: PodEvidence): Why | undefined {
  const { pod, now } = evidence
  const at = lastRestart(pod)
  const status = pod.status?.containerStatuses?.toSorted((a, b) => b.restartCount - a.restartCount)[0]
  const ended = status?.lastState?.terminated
  if (!at || !status || !ended) return undefined
  const params = { container: status.name, minutes: Math.max(1, Math.round((now - at) / 60_000)), code: ended.exitCode }
  const spec = allContainers(pod).find(c => c.name === status.name)
  const killer = spec && [137, 143].includes(ended.exitCode) ? killerOf(spec, evidence) : undefined
  const cause = ended.reason === 'OOMKilled' ? 'oom' : (killer?.by ?? 'exit')
  const target = linkTo(pods, pod)
  return {
    question: { key: 'why.question.restarted' },
    sentence: { key: `why.restarted.${cause}`, params, n: status.restartCount },
    sure: killer?.sure ?? true,
    actions: [{ do: 'previousLogs', label: { key: 'why.do.lastLogs' }, target, container: status.name }],
    facts: [
      { label: { key: 'why.fact.exit' }, text: { key: 'why.fact.exitCode', params: { code: ended.exitCode } } },
      ...(killer ? [killer.fact] : []),
    ],
  }
}

/** It runs, with other resources than its spec says by now. */
function whyResize(pod: Pod): Why | undefined {
  const trouble = resizeTrouble(pod)
  if (!trouble) return undefined
  const key = trouble.reason === 'Infeasible' ? 'infeasible' : trouble.reason === 'Deferred' ? 'deferred' : 'error'
  return {
    question: { key: 'why.question.resize' },
    sentence: { key: `why.resize.${key}`, params: { node: pod.spec.nodeName ?? '' } },
    sure: true,
    actions: [editPod(pod)],
    facts: [{ label: { key: 'why.fact.kubelet' }, lines: linesOf(trouble.message ?? ''), mark: 'warn' }],
  }
}

function whyTerminating({ pod, nodes: known = [], now }: PodEvidence): Why {
  const { finalizers = [], deletionTimestamp = '', deletionGracePeriodSeconds: seconds = 0 } = pod.metadata
  const node = known.find(({ metadata }) => metadata.name === pod.spec.nodeName)
  const question = { key: 'why.question.terminating' as const }
  if (node && nodeStatus(node).word === 'NotReady') {
    const target = linkTo(nodes, node)
    return {
      question,
      sentence: { key: 'why.terminating.nodeLost', params: { node: node.metadata.name } },
      sure: true,
      actions: [{ do: 'open', label: { key: 'why.do.open', params: { kind: 'Node' } }, target }],
      facts: [],
    }
  }
  const runs = pod.status?.containerStatuses?.some(c => c.state?.running) === true
  if (finalizers.length > 0 && !runs) {
    const params = { finalizers: finalizers.join(', ') }
    return {
      question,
      sentence: { key: 'why.terminating.finalizers', params },
      sure: true,
      actions: [editPod(pod)],
      facts: [],
    }
  }
  // The time of the deletion is the one at which the grace ends.
  const left = Math.max(0, Math.round((Date.parse(deletionTimestamp) - now) / 1000))
  return {
    question,
    sentence: { key: 'why.terminating.grace', params: { seconds, left } },
    sure: true,
    actions: [],
    facts: [],
  }
}
