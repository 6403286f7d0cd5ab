import { randomUUID } from 'node:crypto'
import type { Logger } from '../../../shared/machinery/log.ts'
import { badRequest, forbidden, type StatusError } from '../../../shared/machinery/status.ts'
import type { RequestMetrics } from '../metrics/request-metrics.ts'
import { requestInfoOf, type RequestInfo } from '../request-info.ts'
import {
  headerOf,
  jsonAnswer,
  type Handler,
  type RequestContext,
  type ServerRequest,
  type ServerResponse,
  type UserInfo,
} from '../request.ts'
import { toStatus } from '../to-status.ts'
import { authenticate, type TokenAuthenticator } from './authenticate.ts'
import { forbiddenRequest, type Authorizer } from './authorize.ts'
import { timeAllowed, type Deadlines } from './deadline.ts'
import { decorate } from './decorate.ts'
import { impersonate } from './impersonate.ts'
import { wantedUser } from './impersonation-headers.ts'
import type { Flow, FlowControl } from './flow-control.ts'
import type { InFlight } from './in-flight.ts'
import { isLongRunning } from './long-running.ts'

interface Chain {
  tokens: TokenAuthenticator
  authorizer: Authorizer
  flows: FlowControl
  inFlight: InFlight
  deadlines: Deadlines
  metrics: RequestMetrics
  log: Logger
  dispatch: Handler
  ref: (
    info: RequestInfo,
  ) => { group: string; version: string; resource: string; kind: string; namespaced: boolean } | undefined
}

/**
 * The way of every request: request info, authentication, impersonation, flow, in-flight limit, authorization, the handler
 * with a deadline.
 * Whatever is thrown becomes a Status; the result never rejects.
 */
export function createHandle({ tokens, authorizer, flows, inFlight, deadlines, metrics, log, dispatch, ref }: Chain) {
  const answer = async (context: RequestContext, within: number): Promise<ServerResponse> => {
    const leave = inFlight.enter(context.info, context.user)
    try {
      const { allowed, reason } = await authorizer.authorize(context.user, context.info)
      if (!allowed) throw forbiddenRequest(context.user, context.info, reason)
      const response = dispatch(context)
      if (!(response instanceof Promise)) return response
      return await (within === Infinity ? response : deadlines.limit(response, within))
    } finally {
      leave()
    }
  }

  return async function handle(request: ServerRequest): Promise<ServerResponse> {
    const arrived = performance.now()
    const auditId = auditIdOf(request)
    const warnings: string[] = []
    let info: RequestInfo | undefined
    let flow: Flow | undefined
    const finish = (response: ServerResponse): ServerResponse => {
      decorate({ auditId, warnings, flow }, response)
      return info ? metrics.answered(request, info, response, (performance.now() - arrived) / 1000) : response
    }
    try {
      info = infoOf(request)
      const within = isLongRunning(info) ? Infinity : timeAllowed(request.query)
      const caller = await authenticate(request, tokens)
      const wanted = wantedUser(request)
      const user = wanted ? await impersonate({ authorizer, info, user: caller, wanted }) : caller
      const classified = flows.classify(user, info)
      flow = classified instanceof Promise ? await classified : classified
      return finish(
        await answer(
          { request, info, user, auditId, arrived, warnings, authorize: authorizes(authorizer, info, user) },
          within,
        ),
      )
    } catch (error) {
      const about = { ref: info && ref(info), log: log.with({ auditId, path: request.path }) }
      return finish(statusAnswer(toStatus(error, about)))
    }
  }
}

/** The client's, as far as it can stand in a header. */
function auditIdOf(request: ServerRequest): string {
  const given = headerOf(request, 'audit-id')
  return /^[\x21-\x7e]{1,64}$/.test(given) ? given : randomUUID()
}

/** The second question of requests that stand for more than their own verb; the refusal is upstream's (pod/rest/authorize.go, handlers/update.go). */
function authorizes(authorizer: Authorizer, info: RequestInfo, user: UserInfo) {
  return async (verb: string): Promise<void> => {
    if (verb === info.verb) return
    const { allowed, reason } = await authorizer.authorize(user, { ...info, verb })
    if (!allowed) throw forbidden(info, reason)
  }
}

function infoOf({ method, path, query }: ServerRequest): RequestInfo {
  try {
    return requestInfoOf(method, path, query)
  } catch {
    throw badRequest(`the path is not well escaped: ${path}`)
  }
}

/** An error as an answer: never a Table, whatever the client accepts. */
function statusAnswer({ code, status }: StatusError): ServerResponse {
  const answer = jsonAnswer(code, status)
  const { retryAfterSeconds } = status.details ?? {}
  if (retryAfterSeconds) answer.headers['retry-after'] = String(retryAfterSeconds)
  return answer
}
