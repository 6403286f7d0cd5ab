import { pods, type Container, type ContainerStatus, type Pod } from '../../shared/api/core.ts'
import type { Message } from '../i18n/message.ts'
import { linkTo } from '../object-link.ts'
import { allContainers } from '../status/pod-status.ts'
import { exitMeaning } from './exit-code.ts'
import { killerOf, type Killer } from './killer.ts'
import { editPod, linesOf, type Fact, type PodEvidence, type Why, type WhyAction } from './why.ts'

type Ended = NonNullable<NonNullable<ContainerStatus['state']>['terminated']>

/** Why a container ended, and whether it does so again and again. */
export function whyExit(evidence: PodEvidence, status: ContainerStatus, ended: Ended): Why {
  const { pod } = evidence
  const spec: Container = allContainers(pod).find(c => c.name === status.name) ?? { name: status.name }
  const killer = killedFromOutside(ended) ? killerOf(spec, evidence) : undefined
  const unstarted = neverRan(status.name, ended)
  return {
    question: { key: 'why.question.notRunning' },
    sentence: unstarted ?? sentenceOf(spec, { ended, killer, again: status.restartCount > 0 || isWaiting(status) }),
    sure: killer?.sure ?? (ended.reason === 'OOMKilled' || ended.exitCode !== 137),
    actions: actionsOf(pod, status, unstarted !== undefined),
    facts: factsOf(spec, status, { ended, killer, unstarted: unstarted !== undefined }),
  }
}

const isWaiting = ({ state }: ContainerStatus) => state?.waiting !== undefined
/** By SIGKILL or SIGTERM, and not for want of memory. */
const killedFromOutside = ({ exitCode, reason }: Ended) => reason !== 'OOMKilled' && [137, 143].includes(exitCode)

interface End {
  ended: Ended
  killer: Killer | undefined
}

function sentenceOf(spec: Container, { ended, killer, again }: End & { again: boolean }): Message {
  const limit = spec.resources?.limits?.['memory']
  const params = { container: spec.name, code: ended.exitCode, limit: limit ?? '' }
  if (ended.reason === 'OOMKilled') return { key: limit ? 'why.exit.oomLimit' : 'why.exit.oom', params }
  if (killer) return { key: `why.exit.${killer.by}`, params }
  const key = exitMeaning(ended.exitCode)
  return { key: key === 'why.exit.code' && !again ? 'why.exit.once' : key, params }
}

/** The runtime says of a process that it could not start why, in the words of exec. */
function neverRan(container: string, { reason = '', message = '' }: Ended): Message | undefined {
  if (!['StartError', 'ContainerCannotRun'].includes(reason)) return undefined
  const [, command] = /exec: "([^"]+)"/.exec(message) ?? []
  if (command && /no such file|not found/.test(message))
    return { key: 'why.container.noCommand', params: { container, command } }
  if (command && /permission denied/.test(message))
    return { key: 'why.container.notExecutable', params: { container, command } }
  return { key: 'why.container.cannotStart', params: { container } }
}

function factsOf(
  spec: Container,
  status: ContainerStatus,
  { ended, killer, unstarted }: End & { unstarted: boolean },
): Fact[] {
  const ran =
    ended.startedAt && ended.finishedAt ? (Date.parse(ended.finishedAt) - Date.parse(ended.startedAt)) / 1000 : -1
  const code = ended.exitCode
  const exit: Fact =
    ran >= 0
      ? {
          label: { key: 'why.fact.exit' },
          text: { key: 'why.fact.exitAfter', params: { code, seconds: ran }, n: status.restartCount },
        }
      : { label: { key: 'why.fact.exit' }, text: { key: 'why.fact.exitCode', params: { code } } }
  const wait = /back-off (\S+) restarting/.exec(status.state?.waiting?.message ?? '')?.[1]
  const limit = spec.resources?.limits?.['memory']
  const lastWords = unstarted ? 'why.fact.runtime' : 'why.fact.lastWords'
  return [
    ...(unstarted ? [] : [exit]),
    ...(ended.message ? [{ label: { key: lastWords }, lines: linesOf(ended.message), mark: 'err' } as const] : []),
    ...(killer ? [killer.fact] : []),
    ...(wait
      ? [{ label: { key: 'why.fact.nextStart' }, text: { key: 'why.fact.waits', params: { wait } } } as const]
      : []),
    ...(limit && ended.reason === 'OOMKilled' ? [{ label: { key: 'why.fact.limit' }, text: limit } as const] : []),
  ]
}

/** What there is to read is the log of the last run, which is the run before where another waits to be started. */
function actionsOf(pod: Pod, status: ContainerStatus, unstarted: boolean): WhyAction[] {
  const target = linkTo(pods, pod)
  const log: WhyAction = isWaiting(status)
    ? { do: 'previousLogs', label: { key: 'why.do.lastLogs' }, target, container: status.name }
    : { do: 'logs', label: { key: 'why.do.logs' }, target, container: status.name }
  return [
    ...(unstarted ? [] : [log]),
    ...(pod.metadata.ownerReferences?.length ? [] : [editPod(pod)]),
    { do: 'delete', label: { key: 'why.do.startAgain' }, target },
  ]
}
