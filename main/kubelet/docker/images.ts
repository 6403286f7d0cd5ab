import type Docker from 'dockerode'
import type { Clock } from '../../../shared/machinery/clock.ts'
import { RuntimeFault, type Image, type PullOptions } from '../runtime.ts'
import { orFault, toFault, unlessGone } from './engine-errors.ts'
import { jsonLines, readable } from './engine-stream.ts'
import { createPullProgress, type PullMessage } from './pull-progress.ts'

const progressInterval = 300

/** The image that the engine has under a reference or id; undefined if it has none. */
export async function findImage(docker: Docker, reference: string): Promise<Image | undefined> {
  const info = await orFault('ImageInspectError', unlessGone(docker.getImage(reference).inspect()))
  return info && { id: info.Id, digests: info.RepoDigests, size: info.Size, user: info.Config.User }
}

/** Pulls an image; see Runtime.pullImage. */
export async function pullImage(docker: Docker, clock: Clock, reference: string, options: PullOptions): Promise<Image> {
  const { auth, signal } = options
  const answer = await orFault(
    'ErrImagePull',
    docker.pull(taggedReference(reference), { ...(auth && { authconfig: auth }), abortSignal: signal }),
  )
  const stream = readable(answer)
  const abort = () => stream.destroy()
  signal.addEventListener('abort', abort, { once: true })
  const progress = createPullProgress()
  let reported = -Infinity
  try {
    for await (const message of jsonLines<PullMessage>(stream)) {
      if (message.error !== undefined) throw new RuntimeFault('ErrImagePull', message.error)
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

/** Without a tag the engine's API would pull every tag. */
function taggedReference(reference: string): string {
  const name = reference.slice(reference.lastIndexOf('/') + 1)
  return /[:@]/.test(name) ? reference : `${reference}:latest`
}
