import type { ApiTransport } from '../../../../shared/client/client.ts'
import type { KeptSource } from './follow-log.ts'

/** A pod whose output its node has. */
export type KeptPod = Pick<KeptSource, 'namespace' | 'pod' | 'uid' | 'node'>

/** The pods of which a node has logs: those on it, and those that are gone and whose last output it keeps. */
export async function keptPods(transport: ApiTransport, node: string, signal: AbortSignal): Promise<KeptPod[]> {
  const names = await namesIn(transport, { node, path: '', signal })
  return names.flatMap(name => {
    // Neither part has an underscore in it.
    const [namespace, pod, uid] = name.split('_')
    return namespace && pod && uid ? [{ namespace, pod, uid, node }] : []
  })
}

/** The runs of a pod's containers, first attempts first. */
export async function keptRuns(transport: ApiTransport, kept: KeptPod, signal: AbortSignal): Promise<KeptSource[]> {
  const { node, namespace, pod, uid } = kept
  const directory = `${encodeURIComponent(`${namespace}_${pod}_${uid}`)}/`
  const containers = await namesIn(transport, { node, path: directory, signal })
  const runs = containers.map(async container => {
    const files = await namesIn(transport, { node, path: `${directory}${encodeURIComponent(container)}/`, signal })
    const attempts = files.map(file => Number(/^(\d+)\.log$/.exec(file)?.[1])).filter(Number.isInteger)
    return attempts.toSorted((a, b) => a - b).map(attempt => ({ ...kept, container, attempt, previous: false }))
  })
  return (await Promise.all(runs)).flat()
}

interface Listing {
  node: string
  /** Below `/logs/pods/`, escaped. */
  path: string
  signal: AbortSignal
}

/** What a directory of the node's logs holds, by the links of its page, which Go's file server writes. */
async function namesIn(transport: ApiTransport, { node, path, signal }: Listing): Promise<string[]> {
  const url = `/api/v1/nodes/${encodeURIComponent(node)}/proxy/logs/pods/${path}`
  const decoder = new TextDecoder()
  let page = ''
  for await (const bytes of transport.bytes({ method: 'GET', path: url, signal }))
    page += decoder.decode(bytes, { stream: true })
  return [...page.matchAll(/<a href="([^"]+?)\/?">/g)].map(([, name = '']) => decodeURIComponent(name))
}
