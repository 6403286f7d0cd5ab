import type { StatusCause } from '../../../shared/api/object.ts'
import { forbidden, invalid as invalidValue } from '../../../shared/machinery/field-errors.ts'
import { badRequest, invalid } from '../../../shared/machinery/status.ts'
import type { KubeletConnector } from '../connector.ts'
import type { Channel, ServerResponse } from '../request.ts'
import type { ResourceCall } from '../verbs/resource-call.ts'
import { containerOf, podOf } from './pod-container.ts'
import { queryFlag } from './query-flag.ts'
import { asksForWebSocket } from './upgrade.ts'
import type { Subresource } from './subresource.ts'

/** `pods/log`: the text of a container's output. */
export function logSubresource(kubelets: KubeletConnector): Subresource {
  return { name: 'log', kind: 'Pod', verbs: { get: call => log(call, kubelets) } }
}

async function log(call: ResourceCall, kubelets: KubeletConnector): Promise<ServerResponse> {
  const { core, context } = call
  const { query, signal } = context.request
  const options = logOptions(query, core.clock.now())
  const pod = podOf(call)
  const container = containerOf(pod, query.get('container') ?? '')
  // Nothing has run yet, so there is nothing to show (registry/core/pod/strategy.go, LogLocation).
  const stream = pod.spec.nodeName ? await kubelets.logs(pod, container, { ...options, signal }) : nothing()
  if (!asksForWebSocket(context.request)) return { status: 200, headers: { 'content-type': 'text/plain' }, stream }
  return { status: 101, headers: {}, protocols, serve: channel => void send(stream, channel) }
}

/** The WebSocket subprotocols of a stream that only the server sends (k8s.io/streaming, wsstream.Reader). */
const protocols = ['binary.k8s.io', 'base64.binary.k8s.io']

/** Begins, as upstream does, with an empty message; what the client sends is ignored. */
async function send(stream: AsyncIterable<Uint8Array>, channel: Channel): Promise<void> {
  const base64 = channel.protocol === 'base64.binary.k8s.io'
  channel.onMessage(() => undefined)
  try {
    await channel.send(base64 ? '' : new Uint8Array())
    for await (const data of stream) await channel.send(base64 ? Buffer.from(data).toString('base64') : data)
  } catch {
    // The log can't be read on: what was sent stays true, and the end says the rest.
  }
  channel.close()
}

async function* nothing(): AsyncIterable<Uint8Array> {}

function logOptions(query: URLSearchParams, now: number) {
  const flag = (name: string) => queryFlag(query, name)
  const number = (name: string): number | undefined => {
    const text = query.get(name)
    if (text === null || text === '') return undefined
    if (!/^-?\d+$/.test(text)) throw badRequest(`strconv.ParseInt: parsing "${text}": invalid syntax`)
    return Number(text)
  }
  const tailLines = number('tailLines')
  const limitBytes = number('limitBytes')
  const sinceSeconds = number('sinceSeconds')
  const sinceTime = query.get('sinceTime') || undefined
  const causes: StatusCause[] = []
  if (tailLines !== undefined && tailLines < 0)
    causes.push(invalidValue('tailLines', tailLines, 'must be greater than or equal to 0'))
  if (limitBytes !== undefined && limitBytes < 1)
    causes.push(invalidValue('limitBytes', limitBytes, 'must be greater than 0'))
  if (sinceSeconds !== undefined && sinceTime !== undefined)
    causes.push(forbidden('', 'at most one of `sinceTime` or `sinceSeconds` may be specified'))
  if (sinceSeconds !== undefined && sinceSeconds < 1)
    causes.push(invalidValue('sinceSeconds', sinceSeconds, 'must be greater than 0'))
  if (causes.length > 0) throw invalid({ group: '', kind: 'PodLogOptions', name: '' }, causes)
  const since = sinceSeconds !== undefined ? now - sinceSeconds * 1000 : sinceTime && Date.parse(sinceTime)
  if (typeof since === 'number' && Number.isNaN(since))
    throw badRequest(`sinceTime "${sinceTime ?? ''}" is no RFC 3339 time`)
  return {
    follow: flag('follow'),
    previous: flag('previous'),
    timestamps: flag('timestamps'),
    ...(tailLines !== undefined && { tailLines }),
    ...(limitBytes !== undefined && { limitBytes }),
    ...(typeof since === 'number' && { since }),
  }
}
