import type { Container, Pod, Secret } from '../../shared/api/core.ts'
import { secrets } from '../../shared/api/core.ts'
import type { EventRecorder } from '../../shared/client/recorder.ts'
import type { Clock } from '../../shared/machinery/clock.ts'
import { abortable } from './abortable.ts'
import { createBackOff } from './back-off.ts'
import { containerPath } from './container-path.ts'
import { goDuration } from './go-duration.ts'
import { parseImageReference } from './image-reference.ts'
import type { ObjectReader } from './object-reader.ts'
import { registryAuth } from './registry-auth.ts'
import type { Image, PullOptions, Runtime } from './runtime.ts'
import { isUnavailable, retryPeriod, WaitingFault } from './waiting-fault.ts'

interface EnsureOptions {
  /** A line such as `12 of 48 MB` while it is pulled. */
  onProgress: (line: string) => void
  signal: AbortSignal
}

/** Makes sure that images are there, pulling one at a time as upstream does by default (pkg/kubelet/images/image_manager.go). */
export interface Images {
  /** Throws WaitingFault with upstream's reasons: ErrImagePull, ImagePullBackOff, ErrImageNeverPull, ImageInspectError, InvalidImageName. */
  ensure(pod: Pod, container: Container, options: EnsureOptions): Promise<Image>
  forget(podUid: string): void
}

interface Parts {
  runtime: Runtime
  read: ObjectReader
  recorder: EventRecorder
  clock: Clock
}

export function createImages({ runtime, read, recorder, clock }: Parts): Images {
  const backOff = createBackOff({ clock, initial: 10_000, max: 300_000 })
  const lastErrors = new Map<string, string>()
  let queue: Promise<unknown> = Promise.resolve()

  const serially = <T>(work: () => Promise<T>): Promise<T> => {
    const result = queue.then(work)
    queue = result.catch(() => undefined)
    return result
  }

  async function auth(pod: Pod, reference: string): Promise<PullOptions['auth']> {
    const namespace = pod.metadata.namespace ?? ''
    const names = (pod.spec.imagePullSecrets ?? []).flatMap(s => s.name ?? [])
    const found = await Promise.all(names.map(name => read.find(secrets, { namespace, name })))
    return registryAuth(
      found.filter((s): s is Secret => s !== undefined),
      reference,
    )
  }

  return {
    async ensure(pod, container, { onProgress, signal }) {
      const image = container.image ?? ''
      const event = (type: 'Normal' | 'Warning', reason: string, message: string) =>
        recorder.event(pod, type, reason, message, { fieldPath: containerPath(pod, container) })
      const reference = parseImageReference(image)
      if (reference === undefined) {
        const message = `Failed to apply default image tag "${image}": couldn't parse image name "${image}": invalid reference format`
        event('Warning', 'InspectFailed', message)
        throw new WaitingFault({ reason: 'InvalidImageName', message, retryAfter: retryPeriod })
      }
      const present = await runtime.image(reference).catch((e: unknown) => {
        if (isUnavailable(e)) throw e
        const message = `Failed to inspect image "${reference}": ${e instanceof Error ? e.message : String(e)}`
        event('Warning', 'InspectFailed', message)
        throw new WaitingFault({ reason: 'ImageInspectError', message, retryAfter: retryPeriod })
      })
      const policy = container.imagePullPolicy ?? 'IfNotPresent'
      if (present && policy !== 'Always') {
        event(
          'Normal',
          'Pulled',
          `Container image "${image}" already present on machine and can be accessed by the pod`,
        )
        return present
      }
      if (policy === 'Never') {
        const message = `Container image "${image}" is not present with pull policy of Never`
        event('Warning', 'ErrImageNeverPull', message)
        throw new WaitingFault({ reason: 'ErrImageNeverPull', message, retryAfter: retryPeriod })
      }

      const key = `${pod.metadata.uid}_${image}`
      const wait = backOff.remaining(key)
      if (wait > 0) {
        const message = `Back-off pulling image "${image}"`
        event('Normal', 'BackOff', message)
        const last = lastErrors.get(key)
        throw new WaitingFault({
          reason: 'ImagePullBackOff',
          message: last ? `${message}: ErrImagePull: ${last}` : message,
          retryAfter: wait,
        })
      }

      const credentials = await auth(pod, reference)
      event('Normal', 'Pulling', `Pulling image "${image}"`)
      const asked = clock.now()
      try {
        const pull = serially(async () => {
          signal.throwIfAborted()
          const started = clock.now()
          // Another pod may have pulled it while this one waited for its turn.
          const meanwhile = policy === 'Always' ? undefined : await runtime.image(reference)
          if (meanwhile) return { result: meanwhile, started }
          const result = await runtime.pullImage(reference, {
            ...(credentials && { auth: credentials }),
            onProgress,
            signal,
          })
          return { result, started }
        })
        const pulled = await abortable(pull, signal)
        const took = goDuration(clock.now() - pulled.started)
        const waited = goDuration(clock.now() - asked)
        const text = `Successfully pulled image "${image}" in ${took} (${waited} including waiting). Image size: ${pulled.result.size} bytes.`
        event('Normal', 'Pulled', text)
        return pulled.result
      } catch (e) {
        if (signal.aborted || isUnavailable(e)) throw e
        const message = e instanceof Error ? e.message : String(e)
        event('Warning', 'Failed', `Failed to pull image "${image}": ${message}`)
        backOff.next(key, clock.now())
        lastErrors.set(key, message)
        // Before the back-off is over, so that the status comes to tell of it.
        throw new WaitingFault({ reason: 'ErrImagePull', message, retryAfter: retryPeriod / 2 })
      }
    },
    forget(podUid) {
      backOff.forget(podUid)
      for (const key of lastErrors.keys()) if (key.startsWith(podUid)) lastErrors.delete(key)
    },
  }
}
