import { configMaps, pods, secrets, type ContainerStatus, type Pod } from '../../shared/api/core.ts'
import type { Message } from '../i18n/message.ts'
import { linkTo, type ObjectLink } from '../object-link.ts'
import { latest, ofContainer } from './events.ts'
import { imageFault } from './image.ts'
import { whyExit } from './why-exit.ts'
import { editPod, linesOf, type PodEvidence, type Why, type WhyAction } from './why.ts'

/** The container that holds the pod up: one that waits with an error first, then one that ended badly. */
export function worstContainer({ status }: Pod): ContainerStatus | undefined {
  const all = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])]
  const quiet = ['ContainerCreating', 'PodInitializing', undefined]
  return (
    all.find(c => c.state?.waiting && !quiet.includes(c.state.waiting.reason)) ??
    all.find(c => c.state?.terminated && c.state.terminated.exitCode !== 0)
  )
}

/** Why one container does not run, by what its status says. */
export function whyContainer(evidence: PodEvidence, status: ContainerStatus): Why {
  const waiting = status.state?.waiting
  const reason = waiting?.reason ?? ''
  if (/Image|Registry/.test(reason)) return whyImage(evidence, status, reason)
  if (reason === 'CreateContainerConfigError') return whyConfig(evidence, status)
  const ended = status.lastState?.terminated ?? status.state?.terminated
  if (ended && ['CrashLoopBackOff', 'RunContainerError', ''].includes(reason)) return whyExit(evidence, status, ended)
  return {
    question: { key: 'why.question.notRunning' },
    sentence: { key: 'why.container.cannotStart', params: { container: status.name } },
    sure: true,
    actions: [editPod(evidence.pod)],
    facts: [{ label: { key: 'why.fact.runtime' }, lines: linesOf(waiting?.message ?? reason), mark: 'err' }],
  }
}

function whyImage({ pod, events }: PodEvidence, status: ContainerStatus, reason: string): Why {
  // The back-off's own message hides the cause; the pull's error is in the event before it.
  const error =
    latest(ofContainer(events, status.name), ['Failed'], /^Failed to/)?.message ?? status.state?.waiting?.message ?? ''
  const { key, sure } = imageFault(reason, error)
  const params = { container: status.name, image: status.image, registry: registryOf(status.image) }
  return {
    question: { key: 'why.question.notRunning' },
    sentence: { key, params },
    sure,
    actions: [editPod(pod), { do: 'delete', label: { key: 'why.do.startAgain' }, target: linkTo(pods, pod) }],
    facts: [
      { label: { key: 'why.fact.image' }, text: status.image },
      ...(error ? [{ label: { key: 'why.fact.registry' as const }, lines: linesOf(error), mark: 'err' as const }] : []),
    ],
  }
}

function whyConfig({ pod }: PodEvidence, status: ContainerStatus): Why {
  const message = status.state?.waiting?.message ?? ''
  const { sentence, holder } = configFault(status.name, message)
  const actions: WhyAction[] = holder
    ? [{ do: 'open', label: { key: 'why.do.open', params: { kind: holder.ref.kind } }, target: holder }]
    : []
  return {
    question: { key: 'why.question.notRunning' },
    sentence,
    sure: true,
    actions: [...actions, editPod(pod)],
    facts: [{ label: { key: 'why.fact.kubelet' }, lines: linesOf(message), mark: 'err' }],
  }
}

/** `holder`: the object that is there and lacks something. */
function configFault(container: string, message: string): { sentence: Message; holder?: ObjectLink } {
  const refOf = (kind = '') => (kind.toLowerCase() === 'secret' ? secrets : configMaps)
  const [, key, keeper, namespace = '', of] =
    /find key (\S+) in (ConfigMap|Secret) ([^/\s]+)\/(\S+)/.exec(message) ?? []
  if (key !== undefined && of !== undefined) {
    const ref = refOf(keeper)
    const params = { container, kind: ref.kind, name: of, key }
    return { sentence: { key: 'why.config.noKey', params }, holder: { ref, namespace, name: of } }
  }
  const [, kind, name] = /(configmap|secret) "([^"]+)" not found/i.exec(message) ?? []
  if (name !== undefined)
    return { sentence: { key: 'why.config.missing', params: { container, kind: refOf(kind).kind, name } } }
  if (/runAsNonRoot and image will run as root/.test(message))
    return { sentence: { key: 'why.config.root', params: { container } } }
  if (/breaks non-root policy/.test(message)) return { sentence: { key: 'why.config.rootUser', params: { container } } }
  return { sentence: { key: 'why.config.other', params: { container } } }
}

const registryOf = (image: string) => (/^[^/]+[.:][^/]*\//.test(image) ? (image.split('/')[0] ?? '') : 'docker.io')
