import { badRequest, failure, methodNotSupported } from '../../shared/machinery/status.ts'
import type { Resource } from '../resources/resource.ts'
import type { Aggregation } from './aggregation/create-aggregation.ts'
import type { Core } from './registry/core.ts'
import type { Handler, RequestContext, ServerResponse } from './request.ts'
import type { TransientKinds } from './reviews/transient-kinds.ts'
import type { Act, Subresource, Subresources } from './subresources/subresource.ts'
import { create } from './verbs/create.ts'
import { deleteCollection } from './verbs/delete-collection.ts'
import { del } from './verbs/delete.ts'
import { get } from './verbs/get.ts'
import { list } from './verbs/list.ts'
import { patch } from './verbs/patch.ts'
import { update } from './verbs/update.ts'
import { watch } from './verbs/watch.ts'

const verbs: Readonly<Record<string, Act>> = {
  create,
  get,
  list,
  watch,
  update,
  patch,
  delete: del,
  deletecollection: deleteCollection,
}
/** Verbs on a collection; the others are on one object. */
const collective = new Set(['create', 'list', 'watch', 'deletecollection'])

interface Options {
  core: Core
  aggregation: Pick<Aggregation, 'answer'>
  subresources: Subresources
  transientKinds: TransientKinds
  /** Answers what is no resource: discovery, health, version. Undefined for paths that don't exist. */
  nonResource: (context: RequestContext) => ServerResponse | Promise<ServerResponse> | undefined
}

/** Finds who answers a request. Throws 404 for paths that are not served and 405 for verbs that a path does not have. */
export function createDispatch({ core, aggregation, subresources, transientKinds, nonResource }: Options): Handler {
  return context => {
    const { info } = context
    if (!info.isResource) {
      const answer = nonResource(context) ?? aggregation.answer(context, groupVersionIn(info.path))
      if (!answer) throw unknownPath()
      return answer
    }
    const resource = core.index.find(info)
    if (!resource) {
      const answer = aggregation.answer(context, info)
      if (answer) return answer
    }
    if (!resource || misled(info, resource)) throw unknownPath()
    if (info.name !== '') checkName(info)
    if (resource.deprecation !== undefined) context.warnings.push(resource.deprecation)
    const act = actOf(context, resource, {
      subresources: subresources(resource),
      transient: resource.verbs.includes('update') ? undefined : transientKinds(resource),
    })
    const namespace = resource.ref.namespaced ? info.namespace : ''
    return act({ core, context, resource, subresource: info.subresource, namespace, name: info.name })
  }
}

/** Whose a path of discovery or of a document is: `/apis/<group>/<version>`, `/openapi/v3/apis/<group>/<version>`. */
function groupVersionIn(path: string): { group: string; version: string } {
  const [, group = '', version = ''] = /^(?:\/openapi\/v3)?\/apis\/([^/]+)\/([^/]+)/.exec(path) ?? []
  return { group, version }
}

/**
 * Whether a path says more than it may: a namespace before a kind that is in none, which must not be authorized as if it
 * were in that one; or nothing where something should be. What follows a proxy is another server's.
 */
function misled({ namespace, name, path, subresource }: RequestContext['info'], { ref }: Resource): boolean {
  if (subresource !== 'proxy' && path.includes('//')) return true
  const isItself = ref.group === '' && ref.resource === 'namespaces' && namespace === name
  return !ref.namespaced && namespace !== '' && !isItself
}

/** What could be a step of a path is no name (apimachinery/pkg/api/validation/path). */
function checkName({ name, verb }: RequestContext['info']): void {
  if (collective.has(verb)) return
  const why = (fault: string) => badRequest(`Name parameter invalid: ${JSON.stringify(name)}: ${fault}`)
  if (name === '.' || name === '..') throw why(`may not be '${name}'`)
  for (const sign of ['/', '%']) if (name.includes(sign)) throw why(`may not contain '${sign}'`)
}

interface Special {
  subresources: readonly Subresource[]
  /** Of kinds that are never stored: none of them can be updated. */
  transient: Act | undefined
}

function actOf({ info, request }: RequestContext, resource: Resource, { subresources, transient }: Special): Act {
  const { ref } = resource
  const onObject = !collective.has(info.verb)
  // Of kinds that are never stored there are no objects to name.
  const isStored = resource.verbs.includes('get')
  if (!isStored && (info.name !== '' || (ref.namespaced && info.namespace === ''))) throw unknownPath()
  if (info.subresource !== '') {
    const found = subresources.find(subresource => subresource.name === info.subresource)
    if (!found || (info.rest !== '' && !found.connect)) throw unknownPath()
    const act = found.connect ?? found.verbs[info.verb as keyof Subresource['verbs']]
    if (!act) throw notAllowed(resource, request.method, `${ref.resource}/${found.name}`)
    return act
  }
  if (ref.namespaced && info.namespace === '' && (onObject || info.verb === 'create')) {
    if (onObject) throw unknownPath()
    throw notAllowed(resource, request.method)
  }
  const act = (resource.verbs as readonly string[]).includes(info.verb) ? (transient ?? verbs[info.verb]) : undefined
  const misplaced = onObject ? info.name === '' : info.verb === 'create' && info.name !== ''
  if (!act || misplaced) throw notAllowed(resource, request.method)
  return act
}

/** Upstream has routes for built-in kinds alone, so only of others it tells which one it does not allow the method on. */
function notAllowed({ ref, structural }: Resource, method: string, resource = ref.resource) {
  if (structural) return methodNotSupported({ group: ref.group, resource }, method)
  const message = 'the server does not allow this method on the requested resource'
  return failure({ code: 405, reason: 'MethodNotAllowed', message, details: {} })
}

/** What client-go makes of the plain 404 that upstream answers. */
function unknownPath() {
  return failure({
    code: 404,
    reason: 'NotFound',
    message: 'the server could not find the requested resource',
    details: {},
  })
}
