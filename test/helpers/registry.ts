import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { pauseExecutable } from '../../main/kubelet/docker/pause-image.ts'
import { tarOf } from '../../main/kubelet/docker/tar.ts'

/** A registry on this machine's loopback, which Docker asks without TLS. */
export interface Registry extends Disposable {
  /** `127.0.0.1:41234` */
  readonly host: string
  /** The status of every answer, while it is out of order. */
  fault?: number
  /** Offers a blob; returns what manifests tell of it. `digest`: what it pretends to have. */
  blob(data: Buffer, digest?: string): Described
  /** Offers a manifest under a name such as `app:1`; returns what lists tell of it. */
  manifest(name: string, mediaType: string, content: object): Described
  /**
   * Offers an image that does nothing until it is told to end, different from all others by its name. Built for these
   * architectures besides the one that this machine has, it is a list. Returns its digest.
   */
  image(name: string, foreign?: string[]): Promise<string>
}

interface Described {
  digest: string
  size: number
}

const docker = 'application/vnd.docker.distribution.manifest'
export const manifestType = `${docker}.v2+json`
export const listType = `${docker}.list.v2+json`
const own = process.arch === 'arm64' ? 'arm64' : 'amd64'

interface Login {
  username: string
  password: string
}

/** `login`: what it wants to be told by everybody. */
export async function startRegistry({ login }: { login?: Login } = {}): Promise<Registry> {
  const blobs = new Map<string, Buffer>()
  const manifests = new Map<string, { type: string; body: Buffer }>()
  const expected = login && `Basic ${Buffer.from(`${login.username}:${login.password}`).toString('base64')}`

  const server = createServer(({ url = '', headers, method }, response) => {
    const [, name = '', kind, reference = ''] = /^\/v2\/(.+)\/(manifests|blobs)\/(.+)$/.exec(url) ?? []
    const key = reference.startsWith('sha256:') ? `${name}@${reference}` : `${name}:${reference}`
    const found = kind === 'blobs' ? blobs.get(reference) : manifests.get(key)?.body
    if (registry.fault !== undefined) refuse(response, registry.fault, 'UNAVAILABLE')
    else if (expected !== undefined && headers.authorization !== expected) {
      response.setHeader('www-authenticate', 'Basic realm="test"')
      refuse(response, 401, 'UNAUTHORIZED')
    } else if (url !== '/v2/' && !found) refuse(response, 404, 'MANIFEST_UNKNOWN')
    else {
      const type = manifests.get(key)?.type ?? 'application/octet-stream'
      const body = found ?? Buffer.from('{}')
      const head = { 'content-type': type, 'content-length': body.length, 'docker-content-digest': digestOf(body) }
      response.writeHead(200, head).end(method === 'HEAD' ? undefined : body)
    }
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')

  const registry: Registry = {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    blob(data, digest = digestOf(data)) {
      blobs.set(digest, data)
      return { size: data.length, digest }
    },
    manifest(name, mediaType, content) {
      const body = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, ...content }))
      const digest = digestOf(body)
      manifests.set(name, { type: mediaType, body })
      manifests.set(`${name.replace(/:[^:]*$/, '')}@${digest}`, { type: mediaType, body })
      return { size: body.length, digest }
    },
    async image(name, foreign = []) {
      const single = await manifestOf(registry, name, own)
      if (foreign.length === 0) return registry.manifest(name, manifestType, single).digest
      const built = await Promise.all(
        [...foreign, own].map(async architecture => {
          const part = registry.manifest(name, manifestType, await manifestOf(registry, name, architecture))
          return { mediaType: manifestType, ...part, platform: { architecture, os: 'linux' } }
        }),
      )
      return registry.manifest(name, listType, { manifests: built }).digest
    },
    [Symbol.dispose]() {
      server.close()
      server.closeAllConnections()
    },
  }
  return registry
}

/** An image of one process, and of a file that makes it differ from others. */
async function manifestOf(registry: Registry, name: string, architecture: string) {
  const tar = await tarOf([
    { path: 'pause', data: pauseExecutable(process.arch === 'arm64' ? 'aarch64' : 'x86_64'), mode: 0o755 },
    { path: 'name', data: Buffer.from(`${registry.host}/${name} ${architecture}`), mode: 0o644 },
  ])
  const config = registry.blob(
    Buffer.from(
      JSON.stringify({
        architecture,
        os: 'linux',
        config: { Entrypoint: ['/pause'] },
        rootfs: { type: 'layers', diff_ids: [digestOf(tar)] },
      }),
    ),
  )
  const layer = registry.blob(gzipSync(tar))
  return {
    config: { mediaType: 'application/vnd.docker.container.image.v1+json', ...config },
    layers: [{ mediaType: 'application/vnd.docker.image.rootfs.diff.tar.gzip', ...layer }],
  }
}

export const digestOf = (data: Buffer): string => `sha256:${createHash('sha256').update(data).digest('hex')}`

function refuse(response: ServerResponse, status: number, code: string): void {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify({ errors: [{ code, message: code.toLowerCase().replace('_', ' ') }] }))
}
