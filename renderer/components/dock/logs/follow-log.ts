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

  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of transport.bytes({ method: 'GET', path, query, signal: options.signal })) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    if (rest.length > longest) {
      lines.push(rest)
      rest = ''
    }
    // sinceTime has whole seconds, so what was read before comes again; the kubelet's times all have nine digits after it.
    const fresh = options.after ? lines.filter(line => line.slice(0, options.after.length) > options.after) : lines
    if (fresh.length > 0) yield fresh
  }
  rest += decoder.decode()
  if (rest !== '') yield [rest]
}
