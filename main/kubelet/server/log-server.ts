import type { LogFiles } from '../container/log-files.ts'
import { text, type Answer } from './answer.ts'

/** `/logs/...`: the files of the node's /var/log, as Go's file server shows them. `path` is what follows, escaped. */
export async function serveLogs(files: LogFiles, path: string): Promise<Answer> {
  const name = decodeURIComponent(path)
  const found = await files.open(name)
  if (!found) return text('404 page not found\n', 404)
  if ('content' in found) return { status: 200, contentType: 'text/plain; charset=utf-8', body: found.content }
  if (path === '' || path.endsWith('/')) return listing(found.names)
  // Its links are relative.
  return { ...text('', 301), location: `${path.slice(path.lastIndexOf('/') + 1)}/` }
}

function listing(names: readonly string[]): Answer {
  // Pods name files as they like, also as a URL of another scheme.
  const link = (name: string) => name.split('/').map(encodeURIComponent).join('/')
  const lines = names.map(name => `<a href="${escapeHtml(link(name))}">${escapeHtml(name)}</a>\n`)
  const page = `<!doctype html>\n<meta name="viewport" content="width=device-width">\n<pre>\n${lines.join('')}</pre>\n`
  return text(page, 200, 'text/html; charset=utf-8')
}

const escapeHtml = (name: string) => name.replaceAll(/[&<>"']/g, character => `&#${character.codePointAt(0)};`)
