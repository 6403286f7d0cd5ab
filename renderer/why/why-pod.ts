import { configMaps, pods, secrets, type ContainerStatus, type KubeEvent, type Pod } from '../../shared/api/core.ts'
import { linkTo } from '../object-link.ts'
import { lastRestart, podStatus } from '../status/pod-status.ts'
import { condition } from '../status/status.ts'
import { eventTime, latest } from './events.ts'
import { exitMeaning } from './exit-code.ts'
import { imageFault } from './image.ts'
import { whyPending } from './why-pending.ts'
import type { Fact, PodEvidence, Why, WhyAction } from './why.ts'

/** Why a pod isn't running as wanted, or undefined if it is. */
export function whyPod(evidence: PodEvidence): Why | undefined {
  const { pod, now } = evidence
  const status = podStatus(pod, now)
  if (status.mark === 'ok' || status.mark === 'done') return undefined
  if (pod.metadata.deletionTimestamp) return whyTerminating(evidence)
  if (pod.status?.reason === 'Evicted' || (pod.status?.phase === 'Failed' && pod.status.message))
    return whyFailed(evidence)
  const bad = worstContainer(pod)
  if (bad) return whyContainer(evidence, bad)
  return whyPending(evidence) ?? whyNotReady(evidence) ?? whyRestarted(evidence)
}

/** The container that holds the pod up: one that waits with an error first, then one that ended badly. */
function worstContainer(pod: Pod): ContainerStatus | undefined {
  const all = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])]
  const quiet = ['ContainerCreating', 'PodInitializing', undefined]
  return (
    all.find(c => c.state?.waiting && !quiet.includes(c.state.waiting.reason)) ??
    all.find(c => c.state?.terminated && c.state.terminated.exitCode !== 0)
  )
}

function whyContainer(evidence: PodEvidence, status: ContainerStatus): Why {
  const waiting = status.state?.waiting
  const reason = waiting?.reason ?? ''
  if (/Image|Registry/.test(reason)) return whyImage(evidence, status, reason)
  if (reason === 'CreateContainerConfigError') return whyConfig(evidence, status)
  const ended = status.lastState?.terminated ?? status.state?.terminated
  if (ended && (reason === 'CrashLoopBackOff' || reason === '')) return whyExit(evidence, status, ended)
  return {
    question: { key: 'why.question.notRunning' },
    sentence: { key: 'why.container.cannotStart', params: { container: status.name } },
    sure: true,
    actions: [editAction(evidence.pod)],
    facts: [{ label: { key: 'why.fact.runtime' }, lines: linesOf(waiting?.message ?? reason), mark: 'err' }],
  }
}

type Ended = NonNullable<NonNullable<ContainerStatus['state']>['terminated']>

function whyExit({ pod, events, now }: PodEvidence, status: ContainerStatus, ended: Ended): Why {
  const spec = [...(pod.spec.initContainers ?? []), ...pod.spec.containers].find(c => c.name === status.name)
  const limit = spec?.resources?.limits?.['memory']
  const oom = ended.reason === 'OOMKilled'
  const params = { container: status.name, code: ended.exitCode, limit: limit ?? '' }
  const ran =
    ended.startedAt && ended.finishedAt ? (Date.parse(ended.finishedAt) - Date.parse(ended.startedAt)) / 1000 : -1
  const facts: Fact[] = [
    ran >= 0
      ? {
          label: { key: 'why.fact.exit' },
          text: { key: 'why.fact.exitAfter', params: { code: ended.exitCode, seconds: ran }, n: status.restartCount },
        }
      : { label: { key: 'why.fact.exit' }, text: { key: 'why.fact.exitCode', params: { code: ended.exitCode } } },
  ]
  if (ended.message) facts.push({ label: { key: 'why.fact.lastWords' }, lines: linesOf(ended.message), mark: 'err' })
  const wait = /back-off (\S+) restarting/.exec(status.state?.waiting?.message ?? '')?.[1]
  if (wait) facts.push({ label: { key: 'why.fact.nextStart' }, text: { key: 'why.fact.waits', params: { wait } } })
  const probe = latest(events, ['Unhealthy'], /liveness|startup/i)
  if (probe) facts.push({ label: { key: 'why.fact.probe' }, text: probe.message ?? '', mark: 'warn' })
  if (limit && oom) facts.push({ label: { key: 'why.fact.limit' }, text: limit })
  const killedByProbe = !oom && probe !== undefined && recently(probe, now) && [137, 143].includes(ended.exitCode)
  const target = linkTo(pods, pod)
  const actions: WhyAction[] = [
    { do: 'previousLogs', label: { key: 'why.do.lastLogs' }, target, container: status.name },
    ...(pod.metadata.ownerReferences?.length ? [] : [editAction(pod)]),
    { do: 'delete', label: { key: 'why.do.startAgain' }, target },
  ]
  return {
    question: { key: 'why.question.notRunning' },
    sentence: killedByProbe
      ? { key: 'why.exit.probe', params }
      : { key: oom ? (limit ? 'why.exit.oomLimit' : 'why.exit.oom') : exitMeaning(ended.exitCode), params },
    sure: oom || killedByProbe || ended.exitCode !== 137,
    actions,
    facts,
  }
}

function whyImage({ pod, events }: PodEvidence, status: ContainerStatus, reason: string): Why {
  // The back-off's own message hides the cause; the pull's error is in the event before it.
  const error = latest(events, ['Failed'], /^Failed to/)?.message ?? status.state?.waiting?.message ?? ''
  const { key, sure } = imageFault(reason, error)
  const params = { container: status.name, image: status.image, registry: registryOf(status.image) }
  return {
    question: { key: 'why.question.notRunning' },
    sentence: { key, params },
    sure,
    actions: [editAction(pod), { do: 'delete', label: { key: 'why.do.startAgain' }, target: linkTo(pods, pod) }],
    facts: [
      { label: { key: 'why.fact.image' }, text: status.image },
      ...(error ? [{ label: { key: 'why.fact.registry' as const }, lines: linesOf(error), mark: 'err' as const }] : []),
    ],
  }
}

function whyConfig({ pod }: PodEvidence, status: ContainerStatus): Why {
  const message = status.state?.waiting?.message ?? ''
  const [, kind, name] = /(configmap|secret) "([^"]+)" not found/i.exec(message) ?? []
  const ref = kind?.toLowerCase() === 'secret' ? secrets : configMaps
  const params = { container: status.name, kind: ref.kind, name: name ?? '' }
  return {
    question: { key: 'why.question.notRunning' },
    sentence: name ? { key: 'why.config.missing', params } : { key: 'why.config.other', params },
    sure: true,
    actions: [editAction(pod)],
    facts: [{ label: { key: 'why.fact.kubelet' }, lines: linesOf(message), mark: 'err' }],
  }
}

function whyNotReady({ pod, events }: PodEvidence): Why | undefined {
  const late = pod.status?.containerStatuses?.find(c => c.state?.running && !c.ready)
  if (!late) return undefined
  const probe = latest(events, ['Unhealthy'], /readiness|startup/i)
  const params = { container: late.name }
  return {
    question: { key: 'why.question.notReady' },
    sentence: { key: probe ? 'why.ready.probe' : 'why.ready.waiting', params },
    sure: probe !== undefined,
    actions: [{ do: 'logs', label: { key: 'why.do.logs' }, target: linkTo(pods, pod) }],
    facts: probe ? [{ label: { key: 'why.fact.probe' }, lines: linesOf(probe.message ?? ''), mark: 'warn' }] : [],
  }
}

function whyRestarted({ pod, now }: PodEvidence): Why | undefined {
  const at = lastRestart(pod)
  const status = pod.status?.containerStatuses?.toSorted((a, b) => b.restartCount - a.restartCount)[0]
  const ended = status?.lastState?.terminated
  if (!at || !status || !ended) return undefined
  const params = { container: status.name, minutes: Math.max(1, Math.round((now - at) / 60_000)), code: ended.exitCode }
  const oom = ended.reason === 'OOMKilled'
  return {
    question: { key: 'why.question.restarted' },
    sentence: { key: oom ? 'why.restarted.oom' : 'why.restarted.exit', params, n: status.restartCount },
    sure: true,
    actions: [{ do: 'previousLogs', label: { key: 'why.do.lastLogs' }, target: linkTo(pods, pod) }],
    facts: [{ label: { key: 'why.fact.exit' }, text: { key: 'why.fact.exitCode', params: { code: ended.exitCode } } }],
  }
}

function whyTerminating({ pod }: PodEvidence): Why {
  const finalizers = pod.metadata.finalizers ?? []
  const params = { finalizers: finalizers.join(', '), seconds: pod.metadata.deletionGracePeriodSeconds ?? 0 }
  return {
    question: { key: 'why.question.terminating' },
    sentence: { key: finalizers.length > 0 ? 'why.terminating.finalizers' : 'why.terminating.grace', params },
    sure: true,
    actions: [],
    facts: [],
  }
}

function whyFailed({ pod }: PodEvidence): Why {
  const evicted = pod.status?.reason === 'Evicted'
  return {
    question: { key: 'why.question.notRunning' },
    sentence: { key: evicted ? 'why.failed.evicted' : 'why.failed.other', params: { node: pod.spec.nodeName ?? '' } },
    sure: true,
    actions: [{ do: 'delete', label: { key: 'why.do.delete' }, target: linkTo(pods, pod) }],
    facts: [
      {
        label: { key: 'why.fact.kubelet' },
        lines: linesOf(pod.status?.message ?? condition(pod, 'Ready')?.message ?? ''),
      },
    ],
  }
}

const editAction = (pod: Pod): WhyAction => ({ do: 'edit', label: { key: 'why.do.edit' }, target: linkTo(pods, pod) })

const recently = (event: KubeEvent, now: number) => now - eventTime(event) < 10 * 60_000
const registryOf = (image: string) => (/^[^/]+[.:][^/]*\//.test(image) ? (image.split('/')[0] ?? '') : 'docker.io')
const linesOf = (text: string) => text.trimEnd().split('\n').slice(-6)
