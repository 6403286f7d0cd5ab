import type { KubeEvent, Pod } from '../../shared/api/core.ts'
import type { Message } from '../i18n/message.ts'
import { condition } from '../status/status.ts'
import { latest } from './events.ts'
import { linesOf, type Fact, type PodEvidence } from './why.ts'

/** What happens to a pod before its containers can be made. */
const setUpTroubles = ['FailedMount', 'FailedAttachVolume', 'FailedMapVolume', 'FailedCreatePodSandBox']

/** The newest of them; what went wrong is over once the pod's containers can start. */
export function setUpTrouble({ pod, events }: Pick<PodEvidence, 'pod' | 'events'>, message?: RegExp) {
  if (condition(pod, 'PodReadyToStartContainers')?.status === 'True') return undefined
  return latest(events, setUpTroubles, message)
}

/** What the kubelet says of one volume that it could not mount. */
export function mountFault(pod: Pod, { events, volume }: Pick<PodEvidence, 'events'> & { volume: string }) {
  return setUpTrouble({ pod, events }, new RegExp(`volume "${volume}"`))?.message
}

/** Why a volume can't be mounted, by the kubelet's event (pkg/volume/util/operationexecutor). */
export function volumeFault(pod: Pod, { message = '' }: KubeEvent): { sentence: Message; facts: Fact[] } {
  const [, volume, cause = ''] = /volume "([^"]+)" ?: (.*)/s.exec(message) ?? []
  const node = pod.spec.nodeName ?? ''
  const facts: Fact[] = [{ label: { key: 'why.fact.kubelet' }, lines: linesOf(message), mark: 'err' }]
  if (volume === undefined) return { sentence: { key: 'why.pending.volume', params: { node } }, facts }
  const mounts = pod.spec.containers.flatMap(c => (c.volumeMounts ?? []).filter(({ name }) => name === volume))
  const places = [...new Set(mounts.map(({ mountPath }) => mountPath))].join(', ')
  if (places) facts.push({ label: { key: 'why.fact.mounts' }, text: `\`${places}\`` })
  return { sentence: sentenceOf(cause, { node, volume }), facts }
}

function sentenceOf(cause: string, params: { node: string; volume: string }): Message {
  const [, kind = '', name] = /(configmap|secret) "([^"]+)" not found/i.exec(cause) ?? []
  if (name !== undefined) {
    const shown = kind.toLowerCase() === 'secret' ? 'Secret' : 'ConfigMap'
    return { key: 'why.volume.missing', params: { ...params, kind: shown, name } }
  }
  const [, key] = /non-existent (?:config|secret) key: (\S+)/.exec(cause) ?? []
  if (key !== undefined) return { key: 'why.volume.noKey', params: { ...params, key } }
  const [, detail] = /hostPath type check failed: (.+)/.exec(cause) ?? []
  if (detail !== undefined) return { key: 'why.volume.hostPath', params: { ...params, detail } }
  return { key: 'why.volume.failed', params }
}
