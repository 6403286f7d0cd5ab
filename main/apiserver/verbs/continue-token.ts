import { badRequest, expired } from '../../../shared/machinery/status.ts'

/** Where the next chunk of a list starts: at this revision (-1: the newest), after this key relative to the list's prefix. */
export interface ContinueToken {
  revision: number
  after: string
}

/** apiserver/pkg/storage/continue.go: base64url of `{"v":"meta.k8s.io/v1","rv":N,"start":"key\u0000"}`. */
export function encodeContinue({ revision, after }: ContinueToken): string {
  return Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', rv: revision, start: `${after}\0` })).toString('base64url')
}

/** Throws 400 for a token that was not made here. */
export function decodeContinue(token: string): ContinueToken {
  const bad = (why: string) => badRequest(`invalid continue token: continue key is not valid: ${why}`)
  let parsed: unknown
  try {
    parsed = JSON.parse(Buffer.from(token, 'base64url').toString('utf8'))
  } catch {
    throw bad('it is not encoded JSON')
  }
  const { v, rv, start } = (parsed ?? {}) as { v?: unknown; rv?: unknown; start?: unknown }
  if (v !== 'meta.k8s.io/v1') throw bad(`server does not recognize this encoded version ${JSON.stringify(v)}`)
  if (typeof rv !== 'number' || !Number.isSafeInteger(rv) || rv === 0)
    throw bad('incorrect encoded start resourceVersion')
  if (typeof start !== 'string' || start === '' || start.includes('../')) throw bad('incorrect encoded start key')
  return { revision: rv, after: start.endsWith('\0') ? start.slice(0, -1) : start }
}

const goneWithToken =
  'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.'

/** 410 for a token whose revision is gone, with one that goes on at the newest state (storage/errors, handleCompactedErrorForPaging). */
export function expiredContinue(after: string) {
  const error = expired(goneWithToken)
  error.status.metadata.continue = encodeContinue({ revision: -1, after })
  return error
}
