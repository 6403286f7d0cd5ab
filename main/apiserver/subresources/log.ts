import { invalid } from '../../../shared/machinery/status.ts'
import type { KubeletConnector } from '../connector.ts'
import type { Channel, ServerResponse } from '../request.ts'
import type { ResourceCall } from '../verbs/resource-call.ts'
import { logOptions } from './log-options.ts'
import { containerOf, podOf } from './pod-container.ts'
import { asksForWebSocket } from './upgrade.ts'
import type { Subresource } from './subresource.ts'

/** `pods/log`: the text of a container's output. */
export function logSubresource(kubelets: KubeletConnector): Subresource {
  return { name: 'log', kind: 'Pod', verbs: { get: call => log(call, kubelets) } }
}

async function log(call: ResourceCall, kubelets: KubeletConnector): Promise<ServerResponse> {
  const { core, context, name } = call
  const { query, signal } = context.request
  const { options, causes } = logOptions(query, core.clock.now())
  if (causes.length > 0) throw invalid({ group: '', kind: 'PodLogOptions', name }, causes)
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
