import type { StatusCause } from '../../../shared/api/object.ts'
import { forbidden, notSupported, quote } from '../../../shared/machinery/field-errors.ts'
import { badRequest, invalid, timeout } from '../../../shared/machinery/status.ts'

/** meta/v1 ListOptions as the query carries them. */
export interface ListOptions {
  /** Undefined: the newest state; 0: any state. */
  resourceVersion: number | undefined
  resourceVersionMatch: '' | 'Exact' | 'NotOlderThan'
  limit: number
  continue: string
  sendInitialEvents: boolean | undefined
  allowWatchBookmarks: boolean
  /** Seconds. */
  timeoutSeconds: number | undefined
}

/** Reads and checks list or watch parameters (apimachinery/pkg/apis/meta/internalversion/validation). Throws 400 and 422. */
export function listOptions(query: URLSearchParams, { watch }: { watch: boolean }): ListOptions {
  const match = query.get('resourceVersionMatch') ?? ''
  const version = query.get('resourceVersion') ?? ''
  const initial = query.get('sendInitialEvents')
  const token = query.get('continue') ?? ''
  const causes = watch ? watchCauses({ match, initial, token }) : listCauses({ match, version, initial, token })
  if (causes.length > 0) throw invalid({ group: 'meta.k8s.io', kind: 'ListOptions', name: '' }, causes)
  return {
    resourceVersion: revisionOf(version),
    resourceVersionMatch: match as ListOptions['resourceVersionMatch'],
    limit: numberOf(query, 'limit') ?? 0,
    continue: token,
    sendInitialEvents: initial === null ? undefined : isTrue(initial),
    allowWatchBookmarks: isTrue(query.get('allowWatchBookmarks')),
    timeoutSeconds: numberOf(query, 'timeoutSeconds'),
  }
}

const field = 'resourceVersionMatch'

function listCauses(given: { match: string; version: string; initial: string | null; token: string }): StatusCause[] {
  const { match, version, initial, token } = given
  const causes: StatusCause[] = []
  if (match !== '') {
    if (version === '')
      causes.push(forbidden(field, 'resourceVersionMatch is forbidden unless resourceVersion is provided'))
    if (token !== '') causes.push(forbidden(field, 'resourceVersionMatch is forbidden when continue is provided'))
    if (match !== 'Exact' && match !== 'NotOlderThan')
      causes.push(notSupported(field, match, ['Exact', 'NotOlderThan', '']))
    if (match === 'Exact' && version === '0') {
      causes.push(forbidden(field, 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'))
    }
  }
  if (initial !== null) causes.push(forbidden('sendInitialEvents', 'sendInitialEvents is forbidden for list'))
  return causes
}

function watchCauses({
  match,
  initial,
  token,
}: {
  match: string
  initial: string | null
  token: string
}): StatusCause[] {
  const causes: StatusCause[] = []
  if (initial !== null && match !== 'NotOlderThan') {
    causes.push(forbidden(field, 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan'))
  }
  if (match !== '') {
    if (initial === null) {
      causes.push(forbidden(field, 'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided'))
    }
    if (match !== 'NotOlderThan') causes.push(notSupported(field, match, ['NotOlderThan']))
    if (token !== '') causes.push(forbidden(field, 'resourceVersionMatch is forbidden when continue is provided'))
  }
  return causes
}

/**
 * The revision that a query names; undefined for ''. Throws 400 for what is none: upstream's text, which it sends with a 500
 * that is no fault of the server (kubernetes#139485).
 */
export function revisionOf(text: string): number | undefined {
  if (text === '') return undefined
  const revision = Number(text)
  if (/^\d+$/.test(text) && Number.isSafeInteger(revision)) return revision
  throw badRequest(
    `resourceVersion: Invalid value: ${quote(text)}: strconv.ParseUint: parsing ${quote(text)}: invalid syntax`,
  )
}

function numberOf(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name)
  if (text === null || text === '') return undefined
  const why = (fault: string) => badRequest(`strconv.ParseInt: parsing ${quote(text)}: ${fault}`)
  if (!/^[-+]?\d+$/.test(text)) throw why('invalid syntax')
  const value = Number(text)
  if (!Number.isSafeInteger(value)) throw why('value out of range')
  return value
}

function isTrue(text: string | null): boolean {
  return text !== null && text !== 'false' && text !== '0' && text !== ''
}

/** 504: the client has seen a later revision than there is here (apiserver/pkg/storage/errors.go, NewTooLargeResourceVersionError). */
export function resourceVersionTooLarge(asked: number, current: number) {
  return timeout(`Timeout: Too large resource version: ${asked}, current: ${current}`, {
    causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
    retryAfterSeconds: 1,
  })
}
