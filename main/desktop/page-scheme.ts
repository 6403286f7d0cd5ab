import { readFile } from 'node:fs/promises'
import { join, normalize, sep } from 'node:path'
import { protocol } from 'electron'
import { pageHeaders } from '../../shared/contract/page.ts'
import { isOwnPage, scheme } from './origin.ts'

/** Before the app is ready: the scheme counts as a web origin, so that modules, workers and fetch work as on https. */
export function registerPageScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme, privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } },
  ])
}

/** Serves the window's files, and nothing outside `root`, at `podbay://app/`. */
export function servePageScheme(root: string): void {
  protocol.handle(scheme, request => answer(root, request))
}

async function answer(root: string, { url, method }: Request): Promise<Response> {
  const refused = (status: number) => new Response(null, { status, headers: pageHeaders('.txt') })
  if (!isOwnPage(url)) return refused(403)
  if (method !== 'GET' && method !== 'HEAD') return refused(405)
  const path = pathIn(root, new URL(url).pathname)
  if (path === undefined) return refused(403)
  try {
    const body = new Uint8Array(await readFile(join(root, path)))
    return new Response(method === 'HEAD' ? null : body, { headers: pageHeaders(path) })
  } catch {
    return refused(404)
  }
}

/** The file's path below root with slashes, index.html for the window's own routes; undefined if it would lead out. */
function pathIn(root: string, pathname: string): string | undefined {
  let decoded: string
  try {
    decoded = decodeURIComponent(pathname)
  } catch {
    return undefined
  }
  if (/[\\\0]/.test(decoded)) return undefined
  const full = normalize(join(root, decoded))
  if (full !== root && !full.startsWith(root + sep)) return undefined
  return /\.\w+$/.test(decoded) ? decoded : '/index.html'
}
