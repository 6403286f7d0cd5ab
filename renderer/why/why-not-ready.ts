import { pods, type ContainerStatus, type Pod } from '../../shared/api/core.ts'
import { linkTo } from '../object-link.ts'
import { condition } from '../status/status.ts'
import { latest, ofContainer } from './events.ts'
import { linesOf, type PodEvidence, type Why } from './why.ts'

/** Why a pod that runs is not ready: a probe of one of its containers, or a readiness gate. */
export function whyNotReady({ pod, events }: PodEvidence): Why | undefined {
  const ready = condition(pod, 'Ready')
  if (ready?.status === 'True') return undefined
  const question = { key: 'why.question.notReady' as const }
  const late = running(pod).find(c => !c.ready)
  if (!late) {
    if (ready?.reason !== 'ReadinessGatesNotReady') return undefined
    const facts = [{ label: { key: 'why.fact.kubelet' as const }, lines: linesOf(ready.message ?? '') }]
    return { question, sentence: { key: 'why.ready.gate' }, sure: true, actions: [], facts }
  }
  const kind = late.started === false ? 'startup' : 'readiness'
  const probe = latest(ofContainer(events, late.name), ['Unhealthy'], new RegExp(`^${kind} probe`, 'i'))
  return {
    question,
    sentence: { key: probe ? `why.ready.${kind}` : 'why.ready.waiting', params: { container: late.name } },
    sure: probe !== undefined,
    actions: [{ do: 'logs', label: { key: 'why.do.logs' }, target: linkTo(pods, pod), container: late.name }],
    facts: probe ? [{ label: { key: 'why.fact.probe' }, lines: linesOf(probe.message ?? ''), mark: 'warn' }] : [],
  }
}

/** Containers that count for readiness: ordinary ones and sidecars. */
function running({ spec, status }: Pod): ContainerStatus[] {
  const isSidecar = ({ name }: ContainerStatus) =>
    spec.initContainers?.some(c => c.name === name && c.restartPolicy === 'Always') === true
  return [...(status?.initContainerStatuses ?? []).filter(isSidecar), ...(status?.containerStatuses ?? [])].filter(
    c => c.state?.running,
  )
}
