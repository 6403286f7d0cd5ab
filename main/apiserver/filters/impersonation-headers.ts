import { quote } from '../../../shared/machinery/field-errors.ts'
import { badRequest } from '../../../shared/machinery/status.ts'
import type { ServerRequest, UserInfo } from '../request.ts'

const extraPrefix = 'impersonate-extra-'

/**
 * Whom a request wants to be taken for, just as its headers say (apiserver/pkg/endpoints/filters/impersonation
 * processImpersonationHeaders). Undefined without such headers. Throws a 400 for groups, uid or extras without a user.
 */
export function wantedUser(request: ServerRequest): UserInfo | undefined {
  if (!isImpersonating(request)) return undefined
  const extra: Record<string, readonly string[]> = {}
  for (const name of Object.keys(request.headers)) {
    if (name.startsWith(extraPrefix)) extra[unescaped(name.slice(extraPrefix.length))] = valuesOf(request, name)
  }
  const [name = ''] = valuesOf(request, 'impersonate-user')
  const [uid = ''] = valuesOf(request, 'impersonate-uid')
  const groups = valuesOf(request, 'impersonate-group')
  const hasExtra = Object.keys(extra).length > 0
  if (name !== '') return { name, groups, ...(uid && { uid }), ...(hasExtra && { extra }) }
  if (uid === '' && groups.length === 0 && !hasExtra) return undefined
  throw badRequest(`requested ${goText({ uid, groups, extra })} without impersonating a user name`)
}

/** Asked of every request: makes no lists. */
function isImpersonating({ headers }: ServerRequest): boolean {
  for (const name in headers) if (name.startsWith('impersonate-')) return true
  return false
}

/** Each line of a header that may stand more than once; Node joins them, and a value may hold commas itself. */
function valuesOf({ headers, rawHeaders }: ServerRequest, name: string): string[] {
  if (!rawHeaders) return [headers[name] ?? []].flat()
  const values: string[] = []
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    if (rawHeaders[i]?.toLowerCase() === name) values.push(rawHeaders[i + 1] ?? '')
  }
  return values
}

/** Keys may hold characters that header names may not. */
function unescaped(key: string): string {
  try {
    return decodeURIComponent(key)
  } catch {
    return key
  }
}

/** The user as Go's %#v prints it, which is what upstream answers. */
function goText({ uid, groups, extra }: { uid: string; groups: string[]; extra: UserInfo['extra'] }): string {
  const list = (values: readonly string[]) => `[]string{${values.map(quote).join(', ')}}`
  const lists = Object.entries(extra ?? {}).map(([key, values]) => `${quote(key)}:${list(values)}`)
  const groupsText = groups.length > 0 ? list(groups) : '[]string(nil)'
  const extraText = lists.length > 0 ? `map[string][]string{${lists.join(', ')}}` : 'map[string][]string(nil)'
  return `&user.DefaultInfo{Name:"", UID:${quote(uid)}, Groups:${groupsText}, Extra:${extraText}}`
}
