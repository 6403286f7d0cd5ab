import { failure, type StatusError } from '../../../shared/machinery/status.ts'
import { quote } from '../../../shared/machinery/field-errors.ts'
import type { RequestInfo } from '../request-info.ts'
import type { UserInfo } from '../request.ts'

/** Whether a user may do what a request asks for. */
export interface Authorizer {
  authorize(user: UserInfo, info: RequestInfo): Decision | Promise<Decision>
}

/** What an authorizer says of a request. */
export interface Decision {
  allowed: boolean
  /** Why, for the user to read; '' if there is nothing to add. */
  reason: string
}

/** The group that may do all. */
export const privileged = 'system:masters'

/** 403 in upstream's words (apiserver/pkg/endpoints/handlers/responsewriters/errors.go). */
export function forbiddenRequest(user: UserInfo, info: RequestInfo, reason: string): StatusError {
  const denied = `User ${quote(user.name)} cannot ${what(info)}${reason === '' ? '' : `: ${reason}`}`
  const { group, resource, name } = info
  const qualified = group === '' ? resource : `${resource}.${group}`
  const subject = name === '' ? qualified : `${qualified} ${quote(name)}`
  return failure({
    code: 403,
    reason: 'Forbidden',
    message: info.isResource ? `${subject} is forbidden: ${denied}` : `forbidden: ${denied}`,
    details: { ...(name && { name }), ...(group && { group }), ...(resource && { kind: resource }) },
  })
}

function what(info: RequestInfo): string {
  if (!info.isResource) return `${info.verb} path ${quote(info.path)}`
  const resource = info.subresource === '' ? info.resource : `${info.resource}/${info.subresource}`
  const where = info.namespace === '' ? 'at the cluster scope' : `in the namespace ${quote(info.namespace)}`
  return `${info.verb} resource ${quote(resource)} in API group ${quote(info.group)} ${where}`
}
