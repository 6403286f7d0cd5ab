import type { RequestInfo } from '../request-info.ts'
import type { ServerRequest, ServerResponse } from '../request.ts'

/** Upper bounds of the duration buckets in seconds (apiserver/pkg/endpoints/metrics/metrics.go). */
export const durationBuckets: readonly number[] = [
  0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60,
]

/** What upstream tells requests apart by; all '' for paths that are not served, so that clients can't make labels up. */
interface RequestLabels extends Readonly<Record<string, string>> {
  readonly verb: string
  readonly group: string
  readonly version: string
  readonly resource: string
  readonly subresource: string
  readonly scope: string
  readonly component: string
  readonly dry_run: string
}

/** Requests of one kind: how they were answered and how long it took. */
interface RequestSeries {
  readonly labels: RequestLabels
  readonly codes: Map<number, number>
  /** One count per bucket, not cumulative; the last is for what took longer than all of them. */
  readonly buckets: number[]
  /** Seconds in all. */
  sum: number
  /** Watches that go on. */
  running: number
}

/** Counts in plain numbers what `/metrics` tells of requests: next to nothing per request, text only when asked. */
export interface RequestMetrics {
  /** Counts an answer; for a watch, its beginning, and it goes on until the result is disposed of. */
  answered(request: ServerRequest, info: RequestInfo, response: ServerResponse, seconds: number): ServerResponse
  series(): Iterable<RequestSeries>
}

export function createRequestMetrics({ isServed }: { isServed: (info: RequestInfo) => boolean }): RequestMetrics {
  const known = new Map<string, RequestSeries>()

  const seriesOf = (request: ServerRequest, info: RequestInfo): RequestSeries => {
    const { group, version, resource, subresource } = info
    const verb = verbOf(request, info)
    const scope = info.isResource ? scopeOf(info) : ''
    const dryRun = request.query.has('dryRun') ? 'All' : ''
    const place = info.isResource ? `${group}/${version}/${resource}/${subresource}` : info.path
    const id = `${verb} ${place} ${scope} ${dryRun}`
    const found = known.get(id)
    if (found) return found
    const served = info.isResource ? isServed(info) : nonResources.test(info.path)
    const series = served
      ? seriesWith(labelsOf(info, { verb, scope, dryRun }))
      : (known.get('') ?? seriesWith(unserved))
    known.set(served ? id : '', series)
    return series
  }

  return {
    series: () => known.values(),
    answered(request, info, response, seconds) {
      const series = seriesOf(request, info)
      series.codes.set(response.status, (series.codes.get(response.status) ?? 0) + 1)
      const bucket = durationBuckets.findIndex(bound => seconds <= bound)
      const at = bucket === -1 ? durationBuckets.length : bucket
      series.buckets[at] = (series.buckets[at] ?? 0) + 1
      series.sum += seconds
      return 'watch' in response ? countedWhileRunning(response, series) : response
    },
  }
}

function seriesWith(labels: RequestLabels): RequestSeries {
  const buckets = Array.from({ length: durationBuckets.length + 1 }, () => 0)
  return { labels, codes: new Map(), buckets, sum: 0, running: 0 }
}

function countedWhileRunning(
  response: Extract<ServerResponse, { watch: unknown }>,
  series: RequestSeries,
): ServerResponse {
  return {
    ...response,
    watch(sink) {
      const watch = response.watch(sink)
      series.running++
      let over = false
      return {
        [Symbol.dispose]() {
          if (!over) series.running--
          over = true
          watch[Symbol.dispose]()
        },
      }
    },
  }
}

const nonResources = /^\/(apis?|openapi\/v[23]|version|healthz|livez|readyz|metrics)?$/

const verbs: Readonly<Record<string, string>> = { create: 'POST', update: 'PUT', deletecollection: 'DELETECOLLECTION' }
const connecting = new Set(['attach', 'exec', 'portforward', 'proxy'])

/** The verb as upstream's CleanVerb gives it: what the client wants rather than how it says so. */
function verbOf({ method, headers }: ServerRequest, { isResource, verb, subresource }: RequestInfo): string {
  if (!isResource) return method
  if (connecting.has(subresource)) return 'CONNECT'
  if (verb === 'patch' && String(headers['content-type']).startsWith('application/apply-patch')) return 'APPLY'
  return verbs[verb] ?? verb.toUpperCase()
}

/** One object, the objects of a namespace, or those of the whole cluster (CleanScope). */
function scopeOf({ name, namespace, verb }: RequestInfo): string {
  if (name !== '' || verb === 'create') return 'resource'
  return namespace === '' ? 'cluster' : 'namespace'
}

const unserved: RequestLabels = {
  verb: 'other',
  group: '',
  version: '',
  resource: '',
  subresource: '',
  scope: '',
  component: '',
  dry_run: '',
}

function labelsOf(
  { isResource, path, group, version, resource, subresource }: RequestInfo,
  { verb, scope, dryRun }: { verb: string; scope: string; dryRun: string },
): RequestLabels {
  if (!isResource) return { ...unserved, verb, subresource: path }
  return { verb, group, version, resource, subresource, scope, component: 'apiserver', dry_run: dryRun }
}
