import type { ApiTransport } from '../../../../shared/client/client.ts'

/** One run of one container. */
export interface LogSource {
  namespace: string
  pod: string
  container: string
  previous: boolean
}

export interface FollowOptions {
  follow: boolean
  /** The last so many lines; undefined: all there are. */
  tailLines: number | undefined
  /** Only lines after this one's time (RFC 3339): where an earlier reading broke off. */
  after: string
  signal: AbortSignal
}

/** No line is longer than this in memory; a container that never ends one can't fill the window. */
const longest = 64 * 1024

/** The lines of a container's log with their timestamps, several at a time as they come. Ends with the log. */
export async function* followLog(
  transport: ApiTransport,
  source: LogSource,
  options: FollowOptions,
): AsyncGenerator<string[]> {
  const { namespace, pod, container, previous } = source
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(pod)}/log`
  const query: Record<string, string> = { container, timestamps: 'true' }
  if (options.follow && !previous) query['follow'] = 'true'
  if (previous) query['previous'] = 'true'
  if (options.after) query['sinceTime'] = options.after
  else if (options.tailLines !== undefined) query['tailLines'] = String(options.tailLines)

  yield* linesOf(transport.bytes({ method: 'GET', path, query, signal: options.signal }), options.after)
}

/** A run of a container whose pod may be gone. */
export interface KeptSource extends LogSource {
  uid: string
  /** The node that the pod was on. */
  node: string
  attempt: number
}

/**
 * What the node has kept of a run's output when the pod was deleted (`/logs/` of its kubelet), in the form of followLog.
 * Rejects if there is nothing.
 */
export function keptLog(
  transport: ApiTransport,
  { namespace, pod, container, uid, node, attempt }: KeptSource,
  { after, signal }: Pick<FollowOptions, 'after' | 'signal'>,
): AsyncGenerator<string[]> {
  const names = [`${namespace}_${pod}_${uid}`, container, `${attempt}.log`].map(encodeURIComponent)
  const path = `/api/v1/nodes/${encodeURIComponent(node)}/proxy/logs/pods/${names.join('/')}`
  return linesOf(transport.bytes({ method: 'GET', path, signal }), after)
}

/** The lines of an answer, several at a time; only those after the time `after` if that is not ''. */
async function* linesOf(chunks: AsyncIterable<Uint8Array>, after: string): AsyncGenerator<string[]> {
  const decoder = new TextDecoder()
  let rest = ''
  // sinceTime has whole seconds, so what was read before comes again; the kubelet's times all have nine digits after it.
  const isFresh = (line: string) => after === '' || line.slice(0, after.length) > after
  for await (const chunk of chunks) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    if (rest.length > longest) {
      lines.push(rest)
      rest = ''
    }
    const fresh = lines.filter(isFresh)
    if (fresh.length > 0) yield fresh
  }
  rest += decoder.decode()
  if (rest !== '' && isFresh(rest)) yield [rest]
}
