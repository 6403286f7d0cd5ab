import { posix } from 'node:path'

/** Where a proxied answer comes from, and under which path the client sees it. */
export interface Place {
  /** The other side: `10.244.0.7:80`. */
  host: string
  /** The Host that the client asked. */
  requestHost: string
  /** `/api/v1/namespaces/default/services/web/proxy` */
  prefix: string
}

const url = /^(?:[a-z][a-z0-9+.-]*:)?(?:\/\/([^/?#]*))?([^?#]*)([^]*)$/i

/**
 * A link of a proxied answer as the client must follow it: a path of the same host gets the prefix, everything else stays
 * (apimachinery/pkg/util/proxy/transport.go, rewriteURL).
 */
export function rewriteUrl(link: string, { host, requestHost, prefix }: Place): string {
  const [, linkHost = '', path = '', rest = ''] = url.exec(link) ?? []
  const elsewhere = linkHost !== '' && linkHost !== host && linkHost !== requestHost
  if (elsewhere || !path.startsWith('/')) return link
  const kept =
    linkHost !== '' && linkHost === requestHost ? link.slice(0, link.indexOf(linkHost) + linkHost.length) : ''
  if (path.startsWith(prefix)) return kept + path + rest
  // Joining keeps the slash at the end.
  return kept + posix.join(prefix, path) + rest
}

/** The attributes that hold links, by element. */
const links: Partial<Record<string, readonly string[]>> = {
  a: ['href'],
  applet: ['codebase'],
  area: ['href'],
  audio: ['src'],
  base: ['href'],
  blockquote: ['cite'],
  body: ['background'],
  button: ['formaction'],
  command: ['icon'],
  del: ['cite'],
  embed: ['src'],
  form: ['action'],
  frame: ['longdesc', 'src'],
  head: ['profile'],
  html: ['manifest'],
  iframe: ['longdesc', 'src'],
  img: ['longdesc', 'src', 'usemap'],
  input: ['src', 'usemap', 'formaction'],
  ins: ['cite'],
  link: ['href'],
  object: ['classid', 'codebase', 'data', 'usemap'],
  q: ['cite'],
  script: ['src'],
  source: ['src'],
  video: ['poster', 'src'],
}

/** What stands in these is text, whatever it looks like. */
const texts = ['script', 'style', 'textarea', 'title', 'iframe', 'noembed', 'noframes', 'xmp']
const raw = new Map(texts.map(name => [name, new RegExp(`</${name}`, 'gi')]))
const nameAt = /[a-z][^\s/>]*/iy
const attributeAt = /[\s/]*([^\s/>=]+)(\s*=\s*)?/y
const valueAt = /"([^"]*)"|'([^']*)'|([^\s>]*)/y

/** Rewrites the links in the start tags of an HTML text; all else stays as it is, byte for byte. Takes linear time. */
export function rewriteHtml(html: string, rewrite: (link: string) => string): string {
  let out = ''
  let copied = 0
  for (let at = html.indexOf('<'); at >= 0; at = html.indexOf('<', at)) {
    if (html.startsWith('<!--', at)) {
      const end = html.indexOf('-->', at + 4)
      if (end < 0) break
      at = end + 3
      continue
    }
    nameAt.lastIndex = at + 1
    const name = nameAt.exec(html)?.[0].toLowerCase()
    if (name === undefined) {
      at++
      continue
    }
    at = nameAt.lastIndex
    const wanted = Object.hasOwn(links, name) ? links[name] : undefined
    for (;;) {
      attributeAt.lastIndex = at
      const attribute = attributeAt.exec(html)
      if (!attribute) break
      at = attributeAt.lastIndex
      if (attribute[2] === undefined) continue
      valueAt.lastIndex = at
      const value = valueAt.exec(html)
      const link = value?.[1] ?? value?.[2] ?? value?.[3] ?? ''
      if (wanted?.includes((attribute[1] ?? '').toLowerCase())) {
        const start = at + (value?.[3] === undefined ? 1 : 0)
        out += html.slice(copied, start) + rewrite(link)
        copied = start + link.length
      }
      at = valueAt.lastIndex
    }
    const end = raw.get(name)
    if (end) {
      end.lastIndex = at
      const found = end.exec(html)
      if (!found) break
      at = found.index
    }
  }
  return out + html.slice(copied)
}
