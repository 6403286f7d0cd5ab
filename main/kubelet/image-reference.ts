/** github.com/distribution/reference: a domain with a dot, a port or `localhost`; lower-case path; tag; digest. */
const host = String.raw`(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*|\[[0-9a-fA-F:]+\])(?::[0-9]+)?`
const part = String.raw`[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*`
const form = new RegExp(
  String.raw`^(?:(${host})/)?(${part}(?:/${part})*)(?::([\w][\w.-]{0,127}))?(?:@([A-Za-z][A-Za-z0-9]*:[0-9a-fA-F]{32,}))?$`,
)

/** The reference with the tag `latest` where it names neither tag nor digest (pkg/util/parsers); undefined if it is no image name. */
export function parseImageReference(image: string): string | undefined {
  const match = form.exec(image)
  if (!match) return undefined
  const [, , , tag, digest] = match
  return tag !== undefined || digest !== undefined ? image : `${image}:latest`
}

/** The registry that serves an image: `docker.io` unless the first part looks like a host. */
export function registryOf(image: string): string {
  const [first = '', ...rest] = image.split('/')
  return rest.length > 0 && (/[.:]/.test(first) || first === 'localhost') ? first : 'docker.io'
}
