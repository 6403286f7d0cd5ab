import { StatusError } from '../../../shared/machinery/status.ts'
import { pods, type Pod } from '../../../shared/api/core.ts'
import type { KubeletConnector } from '../connector.ts'
import type { Core } from '../registry/core.ts'
import { find } from '../registry/find.ts'
import type { Headers, RequestContext, ServerRequest, ServerResponse } from '../request.ts'

/** A question to the kubelet of a node. */
export interface Asked {
  kubelets: KubeletConnector
  core: Core
  node: string
  request: ServerRequest
  authorize: RequestContext['authorize']
  /** `/pods`, `/containerLogs/default/web-0/web` */
  path: string
}

/** The API of the kubelet speaks plain text, also of what it refuses. */
export function text(status: number, content: string): ServerResponse {
  const headers: Headers = { 'content-type': 'text/plain; charset=utf-8' }
  return { status, headers, body: bytesOf(content) }
}

export function json(value: object): ServerResponse {
  return { status: 200, headers: { 'content-type': 'application/json' }, body: bytesOf(JSON.stringify(value)) }
}

const bytesOf = (content: string) => ({ value: () => content, chunks: () => [Buffer.from(content)] })

/** Makes text of what a question is refused with. */
export async function asText(answer: Promise<ServerResponse>): Promise<ServerResponse> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof StatusError) return text(error.code, error.message)
    throw error
  }
}

/** The pod of a node that a path names; undefined if the node has no such pod. */
export function podOn({ core, node }: Asked, namespace: string, name: string): Pod | undefined {
  const pod = find(core.store, pods, { namespace, name })
  return pod?.spec.nodeName === node ? pod : undefined
}

export const specOf = ({ spec }: Pod, container: string): { name: string } | undefined =>
  [...(spec.initContainers ?? []), ...spec.containers, ...(spec.ephemeralContainers ?? [])].find(
    ({ name }) => name === container,
  )
