import { Readable } from 'node:stream'
import { pods, type Pod } from '../../../shared/api/core.ts'
import { prefixOf } from '../registry/key.ts'
import type { ServerResponse } from '../request.ts'
import { asText, json, text, type Asked } from './kubelet-answer.ts'
import { portForwarded, run, streamed } from './kubelet-commands.ts'
import { containerLogs } from './kubelet-logs.ts'

interface Route {
  methods: readonly string[]
  /** How many names may follow. */
  names: readonly number[]
  answer: (asked: Asked, names: readonly string[]) => Promise<ServerResponse>
}

const reads = ['GET']
const connects = ['GET', 'POST']
/** Those of pkg/kubelet/server/server.go that concern pods. */
const routes: Record<string, Route> = {
  pods: { methods: reads, names: [0], answer: podsOf },
  containerLogs: { methods: reads, names: [3], answer: containerLogs },
  run: { methods: ['POST'], names: [3, 4], answer: run },
  exec: { methods: connects, names: [3, 4], answer: (asked, names) => streamed(asked, 'exec', names) },
  attach: { methods: connects, names: [3, 4], answer: (asked, names) => streamed(asked, 'attach', names) },
  portForward: { methods: connects, names: [2, 3], answer: portForwarded },
}

/** Answers for the kubelet of a node what its own API tells of pods; what else it serves, the kubelet answers itself. */
export async function askKubelet(asked: Asked): Promise<ServerResponse> {
  const { kubelets, node, request, path } = asked
  const { method, query, signal } = request
  const [root = '', ...rest] = path.split('/').filter(part => part !== '')
  const route = Object.hasOwn(routes, root) ? routes[root] : undefined
  if (route?.names.includes(rest.length)) {
    if (!route.methods.includes(method)) return text(405, '405: Method Not Allowed')
    return asText(route.answer(asked, rest.map(decodeURIComponent)))
  }
  const answer = await kubelets.api?.(node, { method, path, query, signal })
  if (!answer) return text(404, '404 page not found\n')
  const headers = { 'content-type': answer.contentType, ...(answer.location && { location: answer.location }) }
  return { status: answer.status, headers, stream: Readable.from(answer.body) }
}

async function podsOf({ core, node }: Asked): Promise<ServerResponse> {
  const { entries } = await core.store.list(prefixOf(pods))
  const items = entries.map(({ object }) => object as Pod).filter(({ spec }) => spec.nodeName === node)
  return json({ kind: 'PodList', apiVersion: 'v1', metadata: {}, items })
}
