import { nodes, persistentVolumeClaims, pods, type Pod } from '../../shared/api/core.ts'
import type { Message, MessageKey } from '../i18n/message.ts'
import { linkTo } from '../object-link.ts'
import { condition } from '../status/status.ts'
import { latest } from './events.ts'
import { parseUnschedulable, type NodeReason, type Unschedulable } from './unschedulable.ts'
import { setUpTrouble, volumeFault } from './why-volume.ts'
import { editPod, linesOf, type Fact, type PodEvidence, type Why, type WhyAction } from './why.ts'

/** Why a pod still waits: no node fits, a volume or the network is missing, or nobody has looked yet. */
export function whyPending(evidence: PodEvidence): Why | undefined {
  const { pod } = evidence
  if (pod.status?.phase !== 'Pending' && pod.spec.nodeName) return undefined
  const scheduled = condition(pod, 'PodScheduled')
  if (scheduled?.reason === 'SchedulingGated') return plain('why.pending.gated')
  if (scheduled?.status === 'False') return whyUnschedulable(evidence, scheduled.message ?? '')
  if (!pod.spec.nodeName) return plain('why.pending.noScheduler')
  const trouble = setUpTrouble(evidence)
  if (trouble?.reason === 'FailedCreatePodSandBox') {
    const facts: Fact[] = [{ label: { key: 'why.fact.kubelet' }, lines: linesOf(trouble.message ?? ''), mark: 'err' }]
    return { ...plain('why.pending.sandbox', { node: pod.spec.nodeName }), facts }
  }
  if (trouble) return { ...plain('why.pending.starting'), ...volumeFault(pod, trouble), actions: [editPod(pod)] }
  return whyStarting(evidence, pod.spec.nodeName)
}

/** Nothing is wrong with it: an image is pulled, an init container runs, or it has only just come to its node. */
function whyStarting({ pod, events }: PodEvidence, node: string): Why {
  const { initContainerStatuses = [], containerStatuses = [] } = pod.status ?? {}
  const all = [...initContainerStatuses, ...containerStatuses]
  const pulling = all.find(c => c.state?.waiting?.message?.startsWith('Pulling image: '))
  if (pulling) {
    const done = pulling.state?.waiting?.message?.replace('Pulling image: ', '') ?? ''
    return plain('why.pending.pulling', { node, image: pulling.image, done })
  }
  const begun = latest(events, ['Pulling', 'Pulled', 'Failed'])
  const image = begun?.reason === 'Pulling' ? /"([^"]+)"/.exec(begun.message ?? '')?.[1] : undefined
  if (image !== undefined) return plain('why.pending.pullBegun', { node, image })
  const init = initContainerStatuses.find(c => c.state?.running && !(isSidecar(pod, c.name) && c.started))
  if (!init) return plain('why.pending.starting', { node })
  const target = linkTo(pods, pod)
  return {
    ...plain(isSidecar(pod, init.name) ? 'why.pending.sidecar' : 'why.pending.init', { container: init.name }),
    actions: [{ do: 'logs', label: { key: 'why.do.logs' }, target, container: init.name }],
  }
}

const isSidecar = ({ spec }: Pod, name: string) =>
  spec.initContainers?.some(c => c.name === name && c.restartPolicy === 'Always') === true

function whyUnschedulable({ pod, nodes: known = [] }: PodEvidence, message: string): Why {
  const parsed = parseUnschedulable(message)
  const asked = askedBy(pod.spec.containers.map(c => c.resources?.requests ?? {}))
  const cordoned = known.find(node => node.spec?.unschedulable)
  const actions: WhyAction[] = []
  if (cordoned && parsed?.reasons.some(r => r.kind === 'cordoned')) {
    const label: Message = { key: 'why.do.uncordon', params: { node: cordoned.metadata.name } }
    actions.push({ do: 'uncordon', label, target: linkTo(nodes, cordoned) })
  }
  actions.push(editPod(pod))
  const facts: Fact[] = (parsed?.reasons ?? []).map(reason => ({
    label: { key: 'why.fact.nodes', n: reason.nodes },
    text: reasonText(reason),
    mark: 'err',
  }))
  facts.push(...claimsOf(pod, parsed))
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

/** Where its volumes are the reason: the claims, each a way to what is wrong with it. */
function claimsOf({ metadata, spec }: Pod, parsed: Unschedulable | undefined): Fact[] {
  if (!parsed?.reasons.some(({ kind }) => kind === 'volume')) return []
  return (spec.volumes ?? []).flatMap(({ persistentVolumeClaim: claim }) =>
    claim
      ? {
          label: { key: 'why.fact.claim' },
          text: claim.claimName,
          link: { ref: persistentVolumeClaims, namespace: metadata.namespace ?? '', name: claim.claimName },
        }
      : [],
  )
}

function unschedulableSentence(parsed: Unschedulable | undefined): Message {
  if (!parsed) return { key: 'why.pending.unschedulable' }
  const [first, ...others] = parsed.reasons
  if (!first) return { key: parsed.total === 0 ? 'why.pending.noNodes' : 'why.pending.unschedulable' }
  if (others.length === 0 && first.kind === 'volume') {
    const [, name] = /persistentvolumeclaim "([^"]+)" not found/.exec(first.text) ?? []
    if (name !== undefined) return { key: 'why.pending.noClaim', params: { name } }
    if (/unbound immediate/.test(first.text)) return { key: 'why.pending.unboundClaims' }
  }
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

function plain(key: Extract<MessageKey, `why.pending.${string}`>, params = {}): Why {
  return { question: { key: 'why.question.notRunning' }, sentence: { key, params }, sure: true, actions: [], facts: [] }
}
