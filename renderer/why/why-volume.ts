import type { KubeEvent, Pod } from '../../shared/api/core.ts'
import type { Message } from '../i18n/message.ts'
import { linesOf, type Fact } from './why.ts'

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
