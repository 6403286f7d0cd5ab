import type { Duplex } from 'node:stream'
import type { Pod } from '../../../shared/api/core.ts'
import type { Clock } from '../../../shared/machinery/clock.ts'
import { badRequest } from '../../../shared/machinery/status.ts'
import type { KubeletConnector } from '../connector.ts'
import { headerOf, type ServerRequest, type ServerResponse } from '../request.ts'
import type { ResourceCall } from '../verbs/resource-call.ts'
import { admitConnect } from './connect.ts'
import { channelTunnel } from './channel-streams.ts'
import { forwardPort } from './forward-port.ts'
import { podOf } from './pod-container.ts'
import { portOf, servePortsByChannels, servePortsBySpdy, type OnForward } from './port-streams.ts'
import { asksForSpdy, asksForWebSocket, spdyUpgrade } from './upgrade.ts'
import type { Subresource } from './subresource.ts'

const spdyProtocol = 'portforward.k8s.io'
/** SPDY in the messages of a WebSocket (KEP-4006), which kubectl has offered since 1.31. */
const tunnelProtocol = `SPDY/3.1+${spdyProtocol}`
const channelProtocols = ['v4.channel.k8s.io', 'v4.base64.channel.k8s.io']

/**
 * `pods/portforward`: connections to ports of a pod, by SPDY, by SPDY within a WebSocket, or, for the ports that the query
 * names, over the channels of a WebSocket.
 */
export function portForwardSubresource(kubelets: KubeletConnector): Subresource {
  const act = (call: ResourceCall) => portForward(call, kubelets)
  return { name: 'portforward', kind: 'PodPortForwardOptions', verbs: { get: act, create: act } }
}

async function portForward(call: ResourceCall, kubelets: KubeletConnector): Promise<ServerResponse> {
  const { context, name, core } = call
  const { request } = context
  const ports = portsOf(request.query.getAll('ports'))
  await admitConnect(call, { kind: 'PodPortForwardOptions', apiVersion: 'v1', ...(ports.length > 0 && { ports }) })
  await context.authorize('create')
  const pod = podOf(call)
  if (!pod.spec.nodeName) throw badRequest(`pod ${name} does not have a host assigned`)
  return connectPorts({ request, clock: core.clock, pod, ports, open: port => kubelets.portForward(pod, port) })
}

/** Throws 400 for what is no port. */
export function portsOf(given: readonly string[]): number[] {
  return given
    .flatMap(text => text.split(','))
    .map(text => {
      const port = portOf(text)
      if (port === undefined) throw badRequest(`unable to parse "${text}" as a port`)
      return port
    })
}

interface Connection {
  request: ServerRequest
  clock: Clock
  pod: Pod
  /** Those that the query names. */
  ports: number[]
  open: (port: number) => Promise<Duplex>
}

/** Switches to what the client asks for, and forwards the connections that it opens. */
export function connectPorts({ request, clock, pod: { metadata }, ports, open }: Connection): ServerResponse {
  const forward: OnForward = (port, streams) =>
    forwardPort({
      ...streams,
      what: `error forwarding port ${port} to pod ${metadata.name}, uid ${metadata.uid}`,
      open: () => open(port),
    })
  if (asksForSpdy(request)) {
    return spdyUpgrade(request, [spdyProtocol], connection => servePortsBySpdy(connection, { clock, forward }))
  }
  if (!asksForWebSocket(request)) throw badRequest('Upgrade request required')
  const offered = headerOf(request, 'sec-websocket-protocol').split(',')
  if (offered.some(protocol => protocol.trim() === tunnelProtocol)) {
    return {
      status: 101,
      headers: {},
      protocols: [tunnelProtocol],
      serve: channel => servePortsBySpdy(channelTunnel(channel), { clock, forward }),
    }
  }
  if (ports.length === 0) throw badRequest('query parameter "port" is required')
  return {
    status: 101,
    headers: {},
    protocols: channelProtocols,
    serve: channel => servePortsByChannels(channel, { ports, forward }),
  }
}
