import { pods, type Pod } from '../../shared/api/core.ts'
import type { Message } from '../i18n/message.ts'
import { linkTo } from '../object-link.ts'
import { editPod, linesOf, type Why } from './why.ts'

/** Why a pod failed as a whole: evicted, out of time, or refused by its node. Undefined if the pod says nothing of it. */
export function whyFailed(pod: Pod): Why | undefined {
  const { phase, reason, message = '' } = pod.status ?? {}
  if (phase !== 'Failed' || (!reason && !message)) return undefined
  const again = { do: 'delete' as const, label: { key: 'why.do.delete' as const }, target: linkTo(pods, pod) }
  return {
    question: { key: 'why.question.notRunning' },
    sentence: sentenceOf(pod, reason ?? '', message),
    sure: true,
    actions: pod.metadata.ownerReferences?.length ? [again] : [editPod(pod), again],
    facts: [{ label: { key: 'why.fact.kubelet' }, lines: linesOf(message || (reason ?? '')), mark: 'err' }],
  }
}

/** By the messages of pkg/kubelet/eviction/helpers.go and pkg/kubelet/kubelet.go. */
function sentenceOf({ spec }: Pod, reason: string, message: string): Message {
  const node = spec.nodeName ?? ''
  if (message.startsWith('Pod was rejected')) return { key: 'why.failed.rejected', params: { node, reason } }
  if (reason === 'DeadlineExceeded')
    return { key: 'why.failed.deadline', params: { seconds: spec.activeDeadlineSeconds ?? 0 } }
  if (reason === 'Preempting') return { key: 'why.failed.preempted', params: { node } }
  if (reason !== 'Evicted') return { key: 'why.failed.other' }
  const [, resource] = /node was low on resource: ([\w-]+)/.exec(message) ?? []
  if (resource !== undefined) return { key: 'why.failed.nodeLow', params: { node, resource } }
  const [, volume, limit] = /EmptyDir volume "([^"]+)" exceeds the limit "([^"]+)"/.exec(message) ?? []
  if (volume !== undefined) return { key: 'why.failed.emptyDir', params: { node, volume, limit: limit ?? '' } }
  if (/ephemeral (?:local )?storage/.test(message)) return { key: 'why.failed.storage', params: { node } }
  return { key: 'why.failed.evicted', params: { node } }
}
