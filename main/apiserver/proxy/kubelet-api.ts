import { Readable } from 'node:stream'
import { pods, type Pod } from '../../../shared/api/core.ts'
import type { KubeletConnector } from '../connector.ts'
import type { Core } from '../registry/core.ts'
import { find } from '../registry/find.ts'
import { prefixOf } from '../registry/key.ts'
import type { Headers, ServerRequest, ServerResponse } from '../request.ts'
import { containerOf } from '../subresources/pod-container.ts'

interface Asked {
  kubelets: KubeletConnector
  core: Core
  node: string
  request: ServerRequest
  /** `/pods`, `/containerLogs/default/web-0/web` */
  path: string
}

/**
 * Answers for the kubelet of a node what its own API (pkg/kubelet/server) tells of pods and logs; what else it serves,
 * the kubelet answers itself.
 */
export async function askKubelet(asked: Asked): Promise<ServerResponse> {
  const { kubelets, core, node, request, path } = asked
  const [root = '', ...rest] = path.split('/').filter(part => part !== '')
  if (root === 'healthz') return text(200, 'ok')
  if (root === 'pods' && rest.length === 0) return podsOf(core, node)
  if (root === 'containerLogs' && rest.length === 3) return logs(asked, rest)
  const { method, query, signal } = request
  const answer = await kubelets.api?.(node, { method, path, query, signal })
  if (!answer) return text(404, '404 page not found\n')
  return { status: answer.status, headers: { 'content-type': answer.contentType }, stream: Readable.from(answer.body) }
}

async function podsOf({ store }: Core, node: string): Promise<ServerResponse> {
  const { entries } = await store.list(prefixOf(pods))
  const items = entries.map(({ object }) => object as Pod).filter(({ spec }) => spec.nodeName === node)
  const list = { kind: 'PodList', apiVersion: 'v1', metadata: {}, items }
  return { status: 200, headers: { 'content-type': 'application/json' }, body: bytesOf(JSON.stringify(list)) }
}

async function logs({ kubelets, core, node, request }: Asked, rest: readonly string[]): Promise<ServerResponse> {
  const [namespace = '', name = '', container = ''] = rest.map(decodeURIComponent)
  const pod = find(core.store, pods, { namespace, name })
  if (pod?.spec.nodeName !== node) return text(404, `pod "${name}" does not exist\n`)
  const { query, signal } = request
  const options = {
    follow: query.get('follow') === 'true',
    previous: query.get('previous') === 'true',
    timestamps: query.get('timestamps') === 'true',
    signal,
  }
  const stream = await kubelets.logs(pod, containerOf(pod, container), options)
  return { status: 200, headers: { 'content-type': 'text/plain' }, stream }
}

function text(status: number, content: string): ServerResponse {
  const headers: Headers = { 'content-type': 'text/plain; charset=utf-8' }
  return { status, headers, body: bytesOf(content) }
}

const bytesOf = (content: string) => ({ value: () => content, chunks: () => [Buffer.from(content)] })
