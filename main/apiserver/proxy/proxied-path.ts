/** A proxy request's path in two parts, both as they came. */
export interface ProxiedPath {
  /** `/api/v1/namespaces/default/services/web:80/proxy` */
  prefix: string
  /** `/static/a%20b.css`; '' if nothing follows, not even a slash. */
  rest: string
}

/** Splits a path behind as many segments as the proxy's own URL has. */
export function proxiedPath(path: string, segments: number): ProxiedPath {
  let at = 0
  for (let count = 0; count < segments && at >= 0; count++) at = path.indexOf('/', at + 1)
  return at < 0 ? { prefix: path, rest: '' } : { prefix: path.slice(0, at), rest: path.slice(at) }
}

/** What a proxy request names: `[scheme:]name[:port]`. */
export interface Target {
  scheme: string
  name: string
  port: string
}

const schemes = new Set(['', 'http', 'https'])

/** Undefined if there are too many parts or another scheme (apimachinery/pkg/util/net, SplitSchemeNamePort). */
export function proxiedTarget(id: string): Target | undefined {
  const parts = id.split(':')
  const [scheme = '', name = '', port = ''] = parts.length === 3 ? parts : ['', ...parts]
  if (parts.length > 3 || name === '' || !schemes.has(scheme)) return undefined
  return { scheme, name, port }
}
