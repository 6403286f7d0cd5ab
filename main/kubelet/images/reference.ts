/** An image's name, read as Docker reads it (github.com/distribution/reference, ParseNormalizedNamed). */
export interface ImageReference {
  /** Registry and path in full: `docker.io/library/nginx` for `nginx`. */
  repository: string
  tag?: string
  digest?: string
}

const host = String.raw`(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*|\[[0-9a-fA-F:]+\])(?::[0-9]+)?`
const part = String.raw`[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*`
const form = new RegExp(
  String.raw`^(${host})/(${part}(?:/${part})*)(?::([\w][\w.-]{0,127}))?(?:@([A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}))?$`,
)
const digestLengths: Record<string, number> = { sha256: 64, sha384: 96, sha512: 128 }
const longestPath = 255

/** Reads an image's name. Throws with the words that upstream has for one that is none. */
export function parseImageReference(image: string): ImageReference {
  if (/^[a-f0-9]{64}$/.test(image))
    throw new Error(`invalid repository name (${image}), cannot specify 64-byte hexadecimal strings`)
  const { domain, remainder } = splitDomain(image)
  const [path = ''] = remainder.split(':')
  if (path !== path.toLowerCase())
    throw new Error(`invalid reference format: repository name (${path}) must be lowercase`)
  const match = form.exec(`${domain}/${remainder}`)
  if (!match) throw new Error('invalid reference format')
  const [, registry = '', name = '', tag, digest] = match
  if (name.length > longestPath) throw new Error(`repository name must not be more than ${longestPath} characters`)
  if (digest !== undefined) checkDigest(digest)
  return {
    repository: `${registry}/${name}`,
    ...(tag !== undefined && { tag }),
    ...(digest !== undefined && { digest }),
  }
}

/** The registry is what comes before the first slash, if it looks like a host; else it is Docker Hub. */
function splitDomain(image: string): { domain: string; remainder: string } {
  const slash = image.indexOf('/')
  const first = image.slice(0, Math.max(slash, 0))
  const isHost = /[.:]/.test(first) || first === 'localhost' || first !== first.toLowerCase()
  if (isHost && !/^(index\.)?docker\.io$/.test(first)) return { domain: first, remainder: image.slice(slash + 1) }
  const remainder = isHost ? image.slice(slash + 1) : image
  return { domain: 'docker.io', remainder: remainder.includes('/') ? remainder : `library/${remainder}` }
}

function checkDigest(digest: string): void {
  const [algorithm = '', encoded = ''] = digest.split(':')
  const length = digestLengths[algorithm]
  if (length === undefined) throw new Error('unsupported digest algorithm')
  if (encoded.length !== length) throw new Error('invalid checksum digest length')
  if (encoded !== encoded.toLowerCase()) throw new Error('invalid checksum digest format')
}

/** The name with the tag `latest` where it has neither tag nor digest (pkg/util/parsers). Throws as parseImageReference. */
export function withDefaultTag(image: string): string {
  const { tag, digest } = parseImageReference(image)
  return tag === undefined && digest === undefined ? `${image}:latest` : image
}

/** One way to write a name, to compare it with others: in full, and by its digest if it has one. */
export function canonicalName(image: string): string {
  const { repository, tag, digest } = parseImageReference(image)
  return digest === undefined ? `${repository}:${tag ?? 'latest'}` : `${repository}@${digest}`
}

/**
 * What a container's status shows as its imageID: the image by its digest in the repository that it was asked for from, as
 * CRI's image_ref; its id where it came from no registry.
 */
export function imageRef(image: string, { id, digests }: { id: string; digests: string[] }): string {
  const { repository } = parseImageReference(image)
  const names = digests.map(canonicalName)
  return names.find(name => name.startsWith(`${repository}@`)) ?? names[0] ?? id
}
