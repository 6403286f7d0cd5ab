import { createReadStream } from 'node:fs'
import { readdir } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join, relative, sep } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { pageHeaders } from '../../shared/contract/page.ts'

/**
 * Answers GET and HEAD with the files below `root`. The files are listed first and asked for by name, so no path can
 * lead out of it; a path without an extension is one of the window's own routes and gets index.html.
 */
export function servePage(root: string): (request: IncomingMessage, response: ServerResponse) => void {
  /** URL path to file. Read once, and again when a path is not in it (a new build). */
  let files = new Map<string, string>()

  async function fileOf(path: string): Promise<{ path: string; file: string } | undefined> {
    const name = /\.\w+$/.test(path) ? path : '/index.html'
    if (!files.has(name)) files = await listFiles(root)
    const file = files.get(name)
    return file === undefined ? undefined : { path: name, file }
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405, { Allow: 'GET, HEAD' }).end()
      return
    }
    const found = await fileOf(pathOf(request.url ?? '/'))
    if (!found) {
      response.writeHead(404, pageHeaders('.txt')).end('There is no such file.\n')
      return
    }
    const socket = `ws://${request.headers.host ?? ''}`
    response.writeHead(200, pageHeaders(found.path, [socket]))
    if (request.method === 'HEAD') response.end()
    else await pipeline(createReadStream(found.file), response)
  }

  return (request, response) => {
    // A reader that went away, or a file that did: either way there is nobody to tell.
    answer(request, response).catch(() => response.destroy())
  }
}

function pathOf(url: string): string {
  const end = url.search(/[?#]/)
  return end < 0 ? url : url.slice(0, end)
}

async function listFiles(root: string): Promise<Map<string, string>> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true }).catch(() => [])
  const files = entries.filter(entry => entry.isFile()).map(entry => join(entry.parentPath, entry.name))
  return new Map(files.map(file => [`/${relative(root, file).split(sep).join('/')}`, file]))
}
