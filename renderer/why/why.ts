import { pods, type KubeEvent, type Node, type Pod } from '../../shared/api/core.ts'
import type { Message } from '../i18n/message.ts'
import { linkTo, type ObjectLink } from '../object-link.ts'
import type { Mark } from '../status/status.ts'

/** The answer of the why-panel: one sentence with the cause, what can be done, and the evidence. */
export interface Why {
  question: Message
  /** Text between backticks is shown as code. */
  sentence: Message
  /** False when the evidence allows another cause: the panel says "Most likely". */
  sure: boolean
  /** At most three, the likeliest fix first. */
  actions: readonly WhyAction[]
  facts: readonly Fact[]
}

export interface WhyAction {
  do: 'logs' | 'previousLogs' | 'edit' | 'uncordon' | 'delete' | 'open' | 'shell' | 'restart'
  label: Message
  target: ObjectLink
  /** For logs: of which container. */
  container?: string
}

export interface Fact {
  label: Message
  /** Plain words, or text of the cluster exactly as it is. */
  text?: Message | string
  /** Lines of code, such as a termination message. */
  lines?: readonly string[]
  mark?: Mark
  link?: ObjectLink
}

/** What the explanations of a pod look at. */
export interface PodEvidence {
  pod: Pod
  /** Events about the pod, in any order. */
  events: readonly KubeEvent[]
  nodes?: readonly Node[]
  /** Milliseconds since the epoch. */
  now: number
}

export const editPod = (pod: Pod): WhyAction => ({
  do: 'edit',
  label: { key: 'why.do.edit' },
  target: linkTo(pods, pod),
})

/** The end of a text, as lines of code. */
export const linesOf = (text: string): string[] => text.trimEnd().split('\n').slice(-6)
