import { nodes, pods } from '../../../shared/api/core.ts'
import { badRequest, notFound } from '../../../shared/machinery/status.ts'
import type { KubeletConnector } from '../connector.ts'
import type { EgressClient, Trust } from '../egress/client.ts'
import type { Address } from '../egress/dial.ts'
import { resolveProxiedService } from '../egress/resolve-service.ts'
import { nodeAddress, podAddress } from '../proxy/proxied-address.ts'
import { proxiedPath, proxiedTarget, type Target } from '../proxy/proxied-path.ts'
import { askKubelet } from '../proxy/kubelet-api.ts'
import { proxyRequest } from '../proxy/proxy-request.ts'
import { find } from '../registry/find.ts'
import { subjectOf } from '../registry/core.ts'
import type { ServerResponse } from '../request.ts'
import { isDryRun, type ResourceCall } from '../verbs/resource-call.ts'
import { admitConnect } from './connect.ts'
import type { Act, Subresource } from './subresource.ts'

interface Options {
  client: EgressClient
  kubelets: KubeletConnector
}

type Find = (call: ResourceCall, target: Target) => Address | Promise<Address>

/** Whom it is, is known by who runs in the cluster; certificates of pods are nobody's business. */
const anyone: Trust = { servername: '', rejectUnauthorized: false }
/** The kubelet's port: what is asked there is asked of the node's kubelet itself. */
const kubeletPort = '10250'

/** `pods/proxy`, `services/proxy` and `nodes/proxy`: HTTP to what runs in the cluster, by all methods. */
export function proxySubresources({ client, kubelets }: Options) {
  const to = (find: Find) => (call: ResourceCall) => proxy(call, client, find)
  const port = to((call, target) => nodeAddress(nodeOf(call, target), target))
  return {
    pods: connected('PodProxyOptions', to(podOf)),
    services: connected(
      'ServiceProxyOptions',
      to(({ core, namespace }, { name, port }) => resolveProxiedService(core, { namespace, name, port })),
    ),
    nodes: connected('NodeProxyOptions', call => {
      const target = targetOf(call)
      if (target.port !== '' && target.port !== kubeletPort) return port(call)
      const { request, rest } = requestOf(call)
      const node = nodeOf(call, target).metadata.name
      const authorize = (verb: string) => call.context.authorize(verb)
      return askKubelet({ kubelets, core: call.core, node, request, authorize, path: rest === '' ? '/' : rest })
    }),
  }
}

function connected(kind: string, act: Act): Subresource {
  const connect: Act = async call => {
    if (isDryRun(call.context.request.query.getAll('dryRun'))) throw badRequest('dryRun is not supported')
    const { rest } = requestOf(call)
    await admitConnect(call, { kind, apiVersion: 'v1', ...(rest !== '' && { path: rest }) })
    return act(call)
  }
  return {
    name: 'proxy',
    kind,
    verbs: { create: connect, delete: connect, get: connect, patch: connect, update: connect },
    connect,
  }
}

async function proxy(call: ResourceCall, client: EgressClient, find: Find): Promise<ServerResponse> {
  const { request } = call.context
  const target = targetOf(call)
  const address = await find(call, target)
  const { prefix, rest } = requestOf(call)
  if (rest === '' && !request.upgrade && (request.method === 'GET' || request.method === 'HEAD')) {
    return movedBelow(prefix, request.search ?? '')
  }
  const trust = target.scheme === 'https' ? anyone : undefined
  return proxyRequest(client, request, { to: address, trust, path: rest === '' ? '/' : rest, prefix })
}

/** Relative links lead astray without a slash at the end. */
function movedBelow(prefix: string, search: string): ServerResponse {
  const location = `${prefix}/${search === '' ? '' : `?${search}`}`
  return { status: 301, headers: { location }, body: { value: () => undefined, chunks: () => [] } }
}

function requestOf({ context, resource }: ResourceCall) {
  const { request } = context
  return { request, ...proxiedPath(request.path, resource.ref.namespaced ? 7 : 5) }
}

function targetOf({ name, resource }: ResourceCall): Target {
  const target = proxiedTarget(name)
  if (!target) throw badRequest(`invalid ${resource.singularName} request "${name}"`)
  return target
}

function podOf({ core, namespace, resource }: ResourceCall, target: Target): Address {
  const pod = find(core.store, pods, { namespace, name: target.name })
  if (!pod) throw notFound(subjectOf(resource, target.name))
  return podAddress(pod, target)
}

function nodeOf({ core, resource }: ResourceCall, { name }: Target) {
  const node = find(core.store, nodes, { namespace: '', name })
  if (!node) throw notFound(subjectOf(resource, name))
  return node
}
