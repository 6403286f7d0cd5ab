/**
 * What a path and method ask for (apiserver/pkg/endpoints/request/requestinfo.go). Verbs are those of authorization:
 * resource verbs for resource requests, the lower-case method otherwise.
 */
export interface RequestInfo {
  readonly isResource: boolean
  readonly path: string
  readonly verb: string
  readonly group: string
  readonly version: string
  readonly namespace: string
  readonly resource: string
  readonly subresource: string
  readonly name: string
  /** What follows the subresource: the path of a proxy request. */
  readonly rest: string
  /** Of a list or watch, as the client wrote it. */
  readonly fieldSelector?: string
}

const verbs = new Map([
  ['POST', 'create'],
  ['GET', 'get'],
  ['HEAD', 'get'],
  ['PUT', 'update'],
  ['PATCH', 'patch'],
  ['DELETE', 'delete'],
])
const namespaceSubresources = new Set(['status', 'finalize'])

/** Throws a URIError when the path is not well escaped. */
export function requestInfoOf(method: string, path: string, query: URLSearchParams): RequestInfo {
  const parts = splitPath(path)
  const grouped = parts[0] === 'apis'
  const prefix = grouped ? 3 : 2
  if ((!grouped && parts[0] !== 'api') || parts.length <= prefix) return nonResource(method, path)

  let verb = verbs.get(method) ?? ''
  const group = grouped ? (parts[1] ?? '') : ''
  const version = parts[prefix - 1] ?? ''
  let rest = parts.slice(prefix)
  let namespace = ''
  if (rest[0] === 'namespaces' && rest.length > 1) {
    namespace = rest[1] ?? ''
    if (rest.length > 2 && !namespaceSubresources.has(rest[2] ?? '')) rest = rest.slice(2)
  }
  const [resource = '', given = '', subresource = ''] = rest
  let name = given
  if (name === '' && verb === 'get') {
    const asked = query.get('watch')
    verb = asked !== null && asked !== 'false' && asked !== '0' ? 'watch' : 'list'
  }
  const fieldSelector = verb === 'list' || verb === 'watch' ? (query.get('fieldSelector') ?? '') : ''
  if (name === '' && fieldSelector !== '') name = nameField(fieldSelector)
  if (name === '' && verb === 'delete') verb = 'deletecollection'
  return {
    isResource: true,
    path,
    verb,
    group,
    version,
    namespace,
    resource,
    subresource,
    name,
    rest: rest.slice(3).join('/'),
    fieldSelector,
  }
}

function nonResource(method: string, path: string): RequestInfo {
  const verb = method.toLowerCase()
  return {
    isResource: false,
    path,
    verb,
    group: '',
    version: '',
    namespace: '',
    resource: '',
    subresource: '',
    name: '',
    rest: '',
  }
}

function splitPath(path: string): string[] {
  const parts: string[] = []
  for (const part of path.split('/')) {
    if (part !== '') parts.push(part.includes('%') ? decodeURIComponent(part) : part)
  }
  return parts
}

/** A list narrowed to one name is authorized as one for that name. */
function nameField(selector: string): string {
  for (const term of selector.split(',')) {
    const found = /^metadata\.name==?([^!=\\]+)$/.exec(term)
    if (found?.[1] !== undefined) return found[1]
  }
  return ''
}
