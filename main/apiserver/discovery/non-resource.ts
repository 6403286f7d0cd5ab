import { apiVersionOf } from '../../../shared/api/ref.ts'
import { mediaRanges } from '../codec/accept.ts'
import type { Aggregation } from '../aggregation/create-aggregation.ts'
import type { ResourceIndex } from '../registry/resource-index.ts'
import { headerOf, json, jsonAnswer, type RequestContext, type ServerRequest, type ServerResponse } from '../request.ts'
import type { Subresources } from '../subresources/subresource.ts'
import { aggregatedDiscovery, type AggregatedVersion } from './aggregated.ts'
import { answerDocument, createDocuments } from './documents.ts'
import { groupsOf, withRemote } from './groups.ts'
import { answerHealth, type HealthCheck } from './health.ts'
import { apiGroup, apiGroupList, apiResourceList, apiVersions } from './legacy.ts'
import { answerOpenApiV2, openApiV2 } from './openapi-v2.ts'
import { answerOpenApiV3, openApiIndex, openApiV3 } from './openapi-v3.ts'
import { answerKeys, answerOpenIdConfiguration, openIdPaths } from './openid.ts'
import { answerVersion } from './version.ts'

interface Options {
  index: ResourceIndex
  aggregation: Pick<Aggregation, 'versions' | 'generation'>
  subresources: Subresources
  /** Beside the server's own. */
  health: readonly HealthCheck[]
  /** GET /metrics. */
  metrics: () => Promise<ServerResponse>
  /** GET /openid/v1/jwks. */
  keys: object
}

/** Answers everything that is no resource; undefined for a path that is not served. */
export function createNonResource({ index, aggregation, subresources, health, metrics, keys }: Options) {
  const documents = createDocuments(() => index.generation + aggregation.generation)
  const local = () => groupsOf(index.all())
  const groups = () => withRemote(local(), aggregation.versions())

  const discovery = (context: RequestContext, group: 'core' | 'named'): ServerResponse => {
    const aggregated = aggregatedVersion(context.request)
    const name = `${group}/${aggregated ?? 'legacy'}`
    const own = () => groups().filter(({ name: groupName }) => (groupName === '') === (group === 'core'))
    if (aggregated) {
      const contentType = `application/json;g=apidiscovery.k8s.io;v=${aggregated};as=APIGroupDiscoveryList`
      return answerDocument(
        context,
        documents(name, () => aggregatedDiscovery(own(), aggregated, subresources)),
        contentType,
      )
    }
    return answerDocument(
      context,
      documents(name, () => (group === 'core' ? apiVersions() : apiGroupList(own()))),
      json,
    )
  }

  return (context: RequestContext): ServerResponse | Promise<ServerResponse> | undefined => {
    const { path, verb } = context.info
    if (verb !== 'get' && verb !== 'head') return undefined
    const [, root = '', ...rest] = path.replace(/\/$/, '').split('/')
    switch (root) {
      case '':
        if (rest.length > 0) return undefined
        return jsonAnswer(200, { paths: rootPaths(groups().flatMap(group => group.versions)) })
      case 'version':
        return rest.length === 0 ? answerVersion() : undefined
      case '.well-known':
        return path === openIdPaths.configuration ? answerOpenIdConfiguration() : undefined
      case 'openid':
        return path === openIdPaths.keys ? answerKeys(keys) : undefined
      case 'metrics':
        return rest.length === 0 ? metrics() : undefined
      case 'healthz':
      case 'livez':
      case 'readyz':
        return answerHealth(root, health, context)
      case 'api':
      case 'apis': {
        if (rest.length === 0) return discovery(context, root === 'api' ? 'core' : 'named')
        const [groupName, version] = root === 'api' ? ['', rest[0]] : rest
        const group = groups().find(({ name }) => name === groupName)
        if (!group) return undefined
        if (version === undefined) return jsonAnswer(200, { kind: 'APIGroup', apiVersion: 'v1', ...apiGroup(group) })
        const found = group.versions.find(at => at.version === version && !at.remote)
        return (
          found &&
          answerDocument(
            context,
            documents(path, () => apiResourceList(found, subresources)),
            json,
          )
        )
      }
      case 'openapi': {
        const [form, ...place] = rest
        const versions = local().flatMap(group => group.versions)
        const document = (at: (typeof versions)[number]) =>
          documents(`openapi/${apiVersionOf(at)}`, () => openApiV3(at, subresources))
        if (form === 'v2' && place.length === 0)
          return answerOpenApiV2(
            context,
            documents('openapi/v2', () => openApiV2(versions, subresources)),
          )
        if (form !== 'v3') return undefined
        const allVersions = groups().flatMap(group => group.versions)
        if (place.length === 0)
          return jsonAnswer(
            200,
            openApiIndex(allVersions, at => document(at).etag),
          )
        const found = versions.find(
          at => (at.group === '' ? `api/${at.version}` : `apis/${apiVersionOf(at)}`) === place.join('/'),
        )
        return found && answerOpenApiV3(context, document(found))
      }
      default:
        return undefined
    }
  }
}

function rootPaths(versions: readonly { group: string; version: string }[]): string[] {
  const named = versions.filter(at => at.group !== '')
  return [
    ...Object.values(openIdPaths),
    '/api',
    '/api/v1',
    '/apis',
    ...named.flatMap(at => [`/apis/${at.group}`, `/apis/${apiVersionOf(at)}`]),
    '/healthz',
    '/livez',
    '/metrics',
    '/openapi/v2',
    '/openapi/v3',
    '/readyz',
    '/version',
  ].sort()
}

/** Which form of aggregated discovery the client prefers; undefined: the legacy one. */
function aggregatedVersion(request: ServerRequest): AggregatedVersion | undefined {
  for (const { type, parameters } of mediaRanges(headerOf(request, 'accept'))) {
    const { g, v, as } = parameters
    if (type !== 'application/json' && type !== '*/*') continue
    if (as === undefined) return undefined
    if (g === 'apidiscovery.k8s.io' && as === 'APIGroupDiscoveryList' && (v === 'v2' || v === 'v2beta1')) return v
  }
  return undefined
}
