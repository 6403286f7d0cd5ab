import { deployments, type Deployment } from '../../shared/api/apps.ts'
import { pods, services, type KubeEvent, type Pod, type Service } from '../../shared/api/core.ts'
import { linkTo } from '../object-link.ts'
import { podStatus } from '../status/pod-status.ts'
import { condition } from '../status/status.ts'
import { whyPod } from './why-pod.ts'
import type { Why } from './why.ts'

interface WorkloadEvidence {
  /** Pods of the workload, through its ReplicaSets if it has some. */
  pods: readonly Pod[]
  eventsOf: (uid: string) => readonly KubeEvent[]
  now: number
}

/** Why a Deployment isn't as wanted: what it says itself, else what ails its worst pod. */
export function whyDeployment(deployment: Deployment, evidence: WorkloadEvidence): Why | undefined {
  const failure = condition(deployment, 'ReplicaFailure')
  const target = linkTo(deployments, deployment)
  if (failure?.status === 'True') {
    return {
      question: { key: 'why.question.rollout' },
      sentence: { key: 'why.workload.refused' },
      sure: true,
      actions: [{ do: 'edit', label: { key: 'why.do.edit' }, target }],
      facts: [{ label: { key: 'why.fact.server' }, lines: [failure.message ?? ''], mark: 'err' }],
    }
  }
  return whyPods(evidence, { do: 'edit', label: { key: 'why.do.edit' }, target })
}

/** Why pods of any workload fail, with how many of them still serve. */
export function whyPods(
  { pods: all, eventsOf, now }: WorkloadEvidence,
  edit?: Why['actions'][number],
): Why | undefined {
  const states = all.map(pod => ({ pod, status: podStatus(pod, now) }))
  const worst =
    states.find(s => s.status.mark === 'err') ?? states.find(s => s.status.mark === 'pend' || s.status.mark === 'warn')
  if (!worst) return undefined
  const why = whyPod({ pod: worst.pod, events: eventsOf(worst.pod.metadata.uid), now })
  if (!why) return undefined
  const serving = all.filter(pod => condition(pod, 'Ready')?.status === 'True').length
  const target = linkTo(pods, worst.pod)
  return {
    ...why,
    question: { key: 'why.question.rollout' },
    actions: [
      ...why.actions.filter(action => action.do === 'uncordon'),
      { do: 'open' as const, label: { key: 'why.do.openPod' as const }, target },
      ...why.actions.filter(action => action.do === 'logs' || action.do === 'previousLogs'),
      ...(edit ? [edit] : []),
    ],
    facts: [
      { label: { key: 'why.fact.pod' }, text: worst.pod.metadata.name, mark: worst.status.mark, link: target },
      {
        label: { key: 'why.fact.serving' },
        text: { key: 'why.fact.servingOf', params: { ready: serving, total: all.length } },
      },
      ...why.facts,
    ],
  }
}

/** Why a Service answers nothing, or less than it could. */
export function whyService(
  service: Service,
  { pods: all, now }: { pods: readonly Pod[]; now: number },
): Why | undefined {
  const selector = Object.entries(service.spec.selector ?? {})
  if (selector.length === 0) return undefined
  const selected = all.filter(
    pod =>
      pod.metadata.namespace === service.metadata.namespace &&
      selector.every(([name, value]) => pod.metadata.labels?.[name] === value),
  )
  const text = selector.map(([name, value]) => `${name}=${value}`).join(',')
  const ready = selected.filter(pod => condition(pod, 'Ready')?.status === 'True').length
  if (selected.length > 0 && ready === selected.length) return whyPort(service, selected)
  const worst =
    selected.find(pod => podStatus(pod, now).mark === 'err') ??
    selected.find(pod => condition(pod, 'Ready')?.status !== 'True')
  const edit = { do: 'edit' as const, label: { key: 'why.do.edit' as const }, target: linkTo(services, service) }
  return {
    question: { key: 'why.question.endpoints' },
    sentence:
      selected.length === 0
        ? { key: 'why.service.noPods', params: { selector: text } }
        : {
            key: ready === 0 ? 'why.service.noneReady' : 'why.service.someReady',
            params: { ready, total: selected.length },
            n: selected.length,
          },
    sure: true,
    actions: worst ? [{ do: 'open', label: { key: 'why.do.openPod' }, target: linkTo(pods, worst) }, edit] : [edit],
    facts: [
      { label: { key: 'why.fact.selector' }, text },
      ...(worst
        ? [
            {
              label: { key: 'why.fact.pod' as const },
              text: worst.metadata.name,
              mark: podStatus(worst, now).mark,
              link: linkTo(pods, worst),
            },
          ]
        : []),
    ],
  }
}

/** All pods are ready, so a named target port that none of them has is what is left. */
function whyPort(service: Service, selected: readonly Pod[]): Why | undefined {
  const names = new Set(selected.flatMap(pod => pod.spec.containers.flatMap(c => (c.ports ?? []).map(p => p.name))))
  const missing = service.spec.ports?.find(port => typeof port.targetPort === 'string' && !names.has(port.targetPort))
  if (!missing) return undefined
  return {
    question: { key: 'why.question.endpoints' },
    sentence: { key: 'why.service.noPort', params: { port: String(missing.targetPort) } },
    sure: true,
    actions: [{ do: 'edit', label: { key: 'why.do.edit' }, target: linkTo(services, service) }],
    facts: [],
  }
}
