import type { Status, StatusCause, StatusDetails } from '../api/object.ts'

/** An error that a client is meant to see, as the Status that goes on the wire. */
export class StatusError extends Error {
  override readonly name = 'StatusError'
  readonly status: Status

  constructor(status: Status) {
    super(status.message ?? status.reason ?? 'unknown error')
    this.status = status
  }

  get code(): number {
    return this.status.code ?? 500
  }

  get reason(): string {
    return this.status.reason ?? ''
  }
}

interface Fault {
  code: number
  /** Left out where upstream's handler met an error that is no Status. */
  reason?: string
  message: string
  details?: StatusDetails
}

/** A StatusError of any reason; the constructors below cover upstream's (apimachinery/pkg/api/errors/errors.go). */
export function failure({ code, reason, message, details }: Fault): StatusError {
  const status: Status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, code }
  if (reason !== undefined) status.reason = reason
  if (details) status.details = details
  return new StatusError(status)
}

interface Subject {
  group: string
  resource: string
  name: string
}

const qualified = (s: { group: string; resource: string }) => (s.group ? `${s.resource}.${s.group}` : s.resource)
const detailsOf = (s: Subject): StatusDetails => ({
  name: s.name,
  ...(s.group && { group: s.group }),
  kind: s.resource,
})

/** 404: there is no such object. */
export function notFound(s: Subject): StatusError {
  return failure({
    code: 404,
    reason: 'NotFound',
    message: `${qualified(s)} "${s.name}" not found`,
    details: detailsOf(s),
  })
}

/** 409: the name is taken. */
export function alreadyExists(s: Subject): StatusError {
  const message = `${qualified(s)} "${s.name}" already exists`
  return failure({ code: 409, reason: 'AlreadyExists', message, details: detailsOf(s) })
}

/** `why` as upstream words it, e.g. "the object has been modified; please apply your changes to the latest version and try again". */
export function conflict(s: Subject, why: string): StatusError {
  const message = `Operation cannot be fulfilled on ${qualified(s)} "${s.name}": ${why}`
  return failure({ code: 409, reason: 'Conflict', message, details: detailsOf(s) })
}

/** More faults than anyone reads; a list of a hundred thousand would make an answer of many megabytes. */
const maxCauses = 1000

/** 422: the object is well formed and wrong; its faults, the first thousand of them, are named in one answer. */
export function invalid(s: { group: string; kind: string; name: string }, faults: StatusCause[]): StatusError {
  const causes = faults.slice(0, maxCauses)
  const qualifiedKind = s.group ? `${s.kind}.${s.group}` : s.kind
  const texts = causes.map(c => (c.field ? `${c.field}: ${c.message ?? ''}` : (c.message ?? '')))
  const list = texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`
  const message = `${qualifiedKind} "${s.name}" is invalid${texts.length > 0 ? `: ${list}` : ''}`
  const named = { ...(s.name && { name: s.name }), ...(s.group && { group: s.group }), ...(s.kind && { kind: s.kind }) }
  const details = { ...named, causes }
  return failure({ code: 422, reason: 'Invalid', message, details })
}

/** 400: what was sent makes no sense. */
export function badRequest(message: string): StatusError {
  return failure({ code: 400, reason: 'BadRequest', message })
}

/** 401: nobody knows who asks. */
export function unauthorized(message = 'Unauthorized'): StatusError {
  return failure({ code: 401, reason: 'Unauthorized', message })
}

/** 403: who asks may not; `why` as upstream words it. */
export function forbidden(s: Subject, why: string): StatusError {
  const subject = s.name ? `${qualified(s)} "${s.name}"` : qualified(s)
  return failure({ code: 403, reason: 'Forbidden', message: `${subject} is forbidden: ${why}`, details: detailsOf(s) })
}

/** 405: the resource has no such verb. */
export function methodNotSupported(s: { group: string; resource: string }, verb: string): StatusError {
  const message = `${verb} is not supported on resources of kind "${qualified(s)}"`
  const details = { ...(s.group && { group: s.group }), kind: s.resource }
  return failure({ code: 405, reason: 'MethodNotAllowed', message, details })
}

/** 410: the revision asked for is gone; list again. */
export function expired(message: string): StatusError {
  return failure({ code: 410, reason: 'Expired', message })
}

/** 413: the body is larger than any object may be. */
export function tooLarge(message: string): StatusError {
  return failure({ code: 413, reason: 'RequestEntityTooLarge', message })
}

/** 415: the body is of a type that is not read here. */
export function unsupportedMediaType(message: string): StatusError {
  return failure({ code: 415, reason: 'UnsupportedMediaType', message })
}

/** 429: to be tried again after so many seconds. */
export function tooManyRequests(message: string, retryAfterSeconds: number): StatusError {
  return failure({ code: 429, reason: 'TooManyRequests', message, details: { retryAfterSeconds } })
}

/** 503: what would answer is not there at the moment. */
export function serviceUnavailable(message: string): StatusError {
  return failure({ code: 503, reason: 'ServiceUnavailable', message })
}

/** 504: the answer took too long. */
export function timeout(message: string, details?: StatusDetails): StatusError {
  return failure({ code: 504, reason: 'Timeout', message, ...(details && { details }) })
}

/** 500: the fault is ours, or of what was asked on behalf of the client. */
export function internalError(message: string): StatusError {
  const details = { causes: [{ message }] }
  return failure({ code: 500, reason: 'InternalError', message: `Internal error occurred: ${message}`, details })
}

const hasReason = (e: unknown, reason: string) => e instanceof StatusError && e.reason === reason

export const isNotFound = (e: unknown): boolean => hasReason(e, 'NotFound')
export const isAlreadyExists = (e: unknown): boolean => hasReason(e, 'AlreadyExists')
export const isConflict = (e: unknown): boolean => hasReason(e, 'Conflict')
export const isExpired = (e: unknown): boolean => hasReason(e, 'Expired') || hasReason(e, 'Gone')
