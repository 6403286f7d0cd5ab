import type Docker from 'dockerode'
import type { Clock } from '../../../shared/machinery/clock.ts'
import { RuntimeFault, type Image, type ListedImage, type PullOptions } from '../runtime.ts'
import { engineStatus, orFault, toFault, unlessGone } from './engine-errors.ts'
import { jsonLines, readable } from './engine-stream.ts'
import { createPullProgress, type PullMessage } from './pull-progress.ts'

const progressInterval = 300
const inUse = 409

/** The image that the engine has under a reference or id; undefined if it has none. */
export async function findImage(docker: Docker, reference: string): Promise<Image | undefined> {
  const found = await orFault('ImageInspectError', unlessGone(docker.getImage(reference).inspect()))
  if (!found) return undefined
  // Newer engines leave out what is empty, and the Config of an index without an image for their platform.
  const { Id, RepoDigests, Size, Config } = found as Partial<typeof found> & Pick<typeof found, 'Id'>
  return { id: Id, digests: RepoDigests ?? [], size: Size ?? 0, user: Config?.User ?? '' }
}

/** All images that have or had a name, and whether any container of the engine, of whomever, is made of them. */
export async function listImages(docker: Docker): Promise<ListedImage[]> {
  const [images, containers] = await orFault(
    'RuntimeUnavailable',
    Promise.all([docker.listImages(), docker.listContainers({ all: true })]),
  )
  const used = new Set(containers.map(({ ImageID }) => ImageID))
  return images.map(({ Id, RepoTags, RepoDigests, Size }) => ({
    id: Id,
    tags: withoutNone(RepoTags),
    digests: withoutNone(RepoDigests),
    size: Size,
    used: used.has(Id),
  }))
}

/** Engines write `<none>` for what an image lacks, or nothing at all. */
const withoutNone = (names: string[] | null | undefined) => (names ?? []).filter(name => !name.includes('<none>'))

/** See Runtime.removeImage. Never by force: the engine knows of containers and of images that are built on this one. */
export async function removeImage(docker: Docker, { id, tags, digests }: ListedImage): Promise<boolean> {
  const names = [...tags, ...digests]
  for (const name of names.length > 0 ? names : [id]) {
    try {
      await docker.getImage(name).remove()
    } catch (error) {
      if (engineStatus(error) === inUse) return false
      if (engineStatus(error) !== 404) throw toFault('RuntimeUnavailable', error)
    }
  }
  return true
}

/** Pulls an image; see Runtime.pullImage. */
export async function pullImage(docker: Docker, clock: Clock, reference: string, options: PullOptions): Promise<Image> {
  const { auth, signal } = options
  const answer = await orPullFault(docker.pull(reference, { ...(auth && { authconfig: auth }), abortSignal: signal }))
  const stream = readable(answer)
  const abort = () => stream.destroy()
  signal.addEventListener('abort', abort, { once: true })
  const progress = createPullProgress()
  let reported = -Infinity
  try {
    for await (const message of jsonLines<PullMessage>(stream)) {
      if (message.error !== undefined) throw pullFault(message.error)
      const text = progress(message)
      if (text === undefined || clock.now() - reported < progressInterval) continue
      reported = clock.now()
      options.onProgress(text)
    }
  } catch (error) {
    throw toFault('ErrImagePull', error)
  } finally {
    signal.removeEventListener('abort', abort)
    stream.destroy()
  }
  if (signal.aborted) throw new RuntimeFault('ErrImagePull', `pulling image "${reference}" was cancelled`)
  const image = await findImage(docker, reference)
  if (!image) throw new RuntimeFault('ErrImagePull', `image "${reference}" was pulled but the engine does not have it`)
  return image
}

async function orPullFault<T>(call: Promise<T>): Promise<T> {
  try {
    return await orFault('ErrImagePull', call)
  } catch (error) {
    throw error instanceof RuntimeFault && error.reason === 'ErrImagePull' ? pullFault(error.message) : error
  }
}

/** A registry that is out of order is told apart, as cri-dockerd does (core/image.go, filterHTTPError). */
function pullFault(message: string): RuntimeFault {
  const outOfOrder = /received unexpected HTTP status: 50[234]\b/.test(message)
  return new RuntimeFault(outOfOrder ? 'RegistryUnavailable' : 'ErrImagePull', message)
}
