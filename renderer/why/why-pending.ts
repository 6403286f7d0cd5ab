import { nodes, pods } from '../../shared/api/core.ts'
import type { Message } from '../i18n/message.ts'
import { linkTo } from '../object-link.ts'
import { condition } from '../status/status.ts'
import { latest } from './events.ts'
import { parseUnschedulable, type NodeReason, type Unschedulable } from './unschedulable.ts'
import type { Fact, PodEvidence, Why, WhyAction } from './why.ts'

/** Why a pod still waits: no node fits, a volume or the network is missing, or nobody has looked yet. */
export function whyPending(evidence: PodEvidence): Why | undefined {
  const { pod, events } = evidence
  if (pod.status?.phase !== 'Pending' && pod.spec.nodeName) return undefined
  const scheduled = condition(pod, 'PodScheduled')
  if (scheduled?.reason === 'SchedulingGated') return plain('why.pending.gated')
  if (scheduled?.status === 'False') return whyUnschedulable(evidence, scheduled.message ?? '')
  if (!pod.spec.nodeName) return plain('why.pending.noScheduler')
  const trouble = latest(events, [
    'FailedMount',
    'FailedAttachVolume',
    'FailedCreatePodSandBox',
    'FailedCreatePodContainer',
  ])
  if (!trouble) return plain('why.pending.starting', { node: pod.spec.nodeName })
  return {
    ...plain(trouble.reason === 'FailedCreatePodSandBox' ? 'why.pending.sandbox' : 'why.pending.volume', {
      node: pod.spec.nodeName,
    }),
    facts: [
      { label: { key: 'why.fact.kubelet' }, lines: (trouble.message ?? '').split('\n').slice(0, 6), mark: 'err' },
    ],
  }
}

function whyUnschedulable({ pod, nodes: known = [] }: PodEvidence, message: string): Why {
  const parsed = parseUnschedulable(message)
  const asked = askedBy(pod.spec.containers.map(c => c.resources?.requests ?? {}))
  const cordoned = known.find(node => node.spec?.unschedulable)
  const actions: WhyAction[] = []
  if (cordoned && parsed?.reasons.some(r => r.kind === 'cordoned')) {
    const label: Message = { key: 'why.do.uncordon', params: { node: cordoned.metadata.name } }
    actions.push({ do: 'uncordon', label, target: linkTo(nodes, cordoned) })
  }
  actions.push({ do: 'edit', label: { key: 'why.do.edit' }, target: linkTo(pods, pod) })
  const facts: Fact[] = (parsed?.reasons ?? []).map(reason => ({
    label: { key: 'why.fact.nodes', n: reason.nodes },
    text: reasonText(reason),
    mark: 'err',
  }))
  if (asked) facts.push({ label: { key: 'why.fact.asks' }, text: asked })
  facts.push({ label: { key: 'why.fact.scheduler' }, lines: [message] })
  return {
    question: { key: 'why.question.notRunning' },
    sentence: unschedulableSentence(parsed),
    sure: true,
    actions,
    facts,
  }
}

function unschedulableSentence(parsed: Unschedulable | undefined): Message {
  if (!parsed) return { key: 'why.pending.unschedulable' }
  const [first, ...others] = parsed.reasons
  if (!first) return { key: parsed.total === 0 ? 'why.pending.noNodes' : 'why.pending.unschedulable' }
  if (others.length === 0)
    return { key: `why.nodes.all.${first.kind}`, params: { detail: first.detail }, n: parsed.total }
  return { key: 'why.pending.noneFits', params: { reasons: parsed.reasons.map(countedReason) } }
}

const reasonText = ({ kind, detail }: NodeReason): Message => ({ key: `why.nodes.${kind}`, params: { detail } })

const countedReason = ({ kind, detail, nodes: n }: NodeReason): Message => ({
  key: `why.nodes.some.${kind}`,
  params: { detail },
  n,
})

/** `500m CPU, 3Gi memory`, as the containers ask for it; '' if they ask for nothing. */
function askedBy(requests: Record<string, string>[]): string {
  return requests.flatMap(request => Object.entries(request).map(([name, amount]) => `${name} ${amount}`)).join(', ')
}

function plain(
  key:
    | 'why.pending.gated'
    | 'why.pending.noScheduler'
    | 'why.pending.starting'
    | 'why.pending.sandbox'
    | 'why.pending.volume',
  params = {},
): Why {
  return { question: { key: 'why.question.notRunning' }, sentence: { key, params }, sure: true, actions: [], facts: [] }
}
