import type { Container, Pod } from '../../../shared/api/core.ts'
import { secrets } from '../../../shared/api/core.ts'
import type { EventRecorder } from '../../../shared/client/recorder.ts'
import type { Clock } from '../../../shared/machinery/clock.ts'
import { abortable } from '../abortable.ts'
import { createBackOff } from '../container/back-off.ts'
import { goDuration } from '../go-duration.ts'
import type { ObjectReader } from '../object-reader.ts'
import { RuntimeFault, type Image, type PullOptions, type Runtime } from '../runtime.ts'
import { isUnavailable, retryPeriod, WaitingFault } from '../container/waiting-fault.ts'
import type { ImageSettings } from './image-settings.ts'
import { credentialsFor, type Credential } from './keyring.ts'
import { createPullQueue } from './pull-queue.ts'
import type { PullRecords } from './pull-records.ts'
import { parseImageReference, withDefaultTag } from './reference.ts'

/** An image that a pod needs. */
interface WantedImage extends Pick<Container, 'image' | 'imagePullPolicy'> {
  /** What Events point to: a container, as containerPath writes it; the pod itself for an image volume. */
  fieldPath?: string
}

interface EnsureOptions {
  /** A line such as `12 of 48 MB` while it is pulled. */
  onProgress: PullOptions['onProgress']
  signal: AbortSignal
}

/** Makes sure that images are there (pkg/kubelet/images/image_manager.go). */
export interface Images {
  /**
   * Throws WaitingFault with upstream's reasons: ErrImagePull, RegistryUnavailable, ImagePullBackOff, ErrImageNeverPull,
   * ImageInspectError, InvalidImageName.
   */
  ensure(pod: Pod, wanted: WantedImage, options: EnsureOptions): Promise<Image>
  forget(podUid: string): void
}

interface Parts {
  runtime: Pick<Runtime, 'image' | 'images' | 'pullImage'>
  read: ObjectReader
  recorder: EventRecorder
  records: PullRecords
  settings: ImageSettings
  /** The engine has an image that it had not. */
  changed: () => void
  clock: Clock
}

export function createImages(parts: Parts): Images {
  const { runtime, recorder, records, settings, clock } = parts
  const backOff = createBackOff({ clock, initial: 10_000, max: 300_000 })
  const lastErrors = new Map<string, string>()
  const queue = createPullQueue(settings, clock)

  async function credentialsOf(pod: Pod, image: string): Promise<Credential[]> {
    const { namespace = '' } = pod.metadata
    const names = (pod.spec.imagePullSecrets ?? []).flatMap(({ name }) => name || [])
    const found = await Promise.all(names.map(name => parts.read.find(secrets, { namespace, name })))
    const missing = names.filter((_, index) => !found[index])
    if (missing.length > 0) {
      const message = `Unable to retrieve some image pull secrets (${missing.join(', ')}); attempting to pull the image may not succeed.`
      recorder.event(pod, 'Warning', 'FailedToRetrieveImagePullSecret', message)
    }
    return credentialsFor(
      found.filter(secret => secret !== undefined),
      parseImageReference(image).repository,
    )
  }

  /** Tries one credential after the other; where all fail, the error says what each of them met. */
  async function pullByAny(image: string, credentials: Credential[], options: EnsureOptions) {
    const faults: Error[] = []
    for (const credential of credentials.length > 0 ? credentials : [undefined]) {
      try {
        return { credential, result: await runtime.pullImage(image, { ...options, ...authOf(image, credential) }) }
      } catch (e) {
        if (options.signal.aborted || isUnavailable(e) || !(e instanceof Error)) throw e
        faults.push(e)
      }
    }
    const [first] = faults
    const messages = [...new Set(faults.map(e => e.message))]
    if (first && messages.length === 1) throw first
    throw new RuntimeFault('ErrImagePull', `[${messages.join(', ')}]`)
  }

  /** What the records need to know of a pull is noted down around it. */
  async function pull(image: string, credentials: Credential[], options: EnsureOptions): Promise<Image> {
    const asked = clock.now()
    const before = new Set((await runtime.images()).map(({ id }) => id))
    await records.prune(before, asked)
    try {
      await records.begin(image)
      const { result, credential } = await pullByAny(image, credentials, options)
      const isNew = !before.has(result.id)
      await records.ended(image, { imageId: result.id, isNew, credential })
      if (isNew) parts.changed()
      return result
    } catch (e) {
      await records.ended(image)
      throw e
    }
  }

  return {
    async ensure(pod, { image = '', imagePullPolicy: policy = 'IfNotPresent', fieldPath }, options) {
      const { signal } = options
      const event = (type: 'Normal' | 'Warning', reason: string, message: string) =>
        recorder.event(pod, type, reason, message, { ...(fieldPath !== undefined && { fieldPath }) })
      const refused = (reason: string, message: string, eventReason = reason) => {
        event('Warning', eventReason, message)
        return new WaitingFault({ reason, message, retryAfter: retryPeriod })
      }
      let reference: string
      try {
        reference = withDefaultTag(image)
      } catch (e) {
        const message = `Failed to apply default image tag "${image}": couldn't parse image name "${image}": ${textOf(e)}`
        throw refused('InvalidImageName', message, 'InspectFailed')
      }
      let known: Promise<Credential[]> | undefined
      const credentials = () => (known ??= credentialsOf(pod, reference))

      /** The image, if the engine has it and the pod may have it. */
      async function present(): Promise<Image | undefined> {
        const found = await runtime.image(reference)
        return found && (await records.mayUse(reference, found.id, settings, credentials)) ? found : undefined
      }
      if (policy !== 'Always') {
        const found = await present().catch((e: unknown) => {
          if (isUnavailable(e)) throw e
          throw refused('ImageInspectError', `Failed to inspect image "${reference}": ${textOf(e)}`, 'InspectFailed')
        })
        if (found) {
          const how = 'already present on machine and can be accessed by the pod'
          event('Normal', 'Pulled', `Container image "${image}" ${how}`)
          return found
        }
        // Nor is it told that an image is there which the pod has no credentials for.
        if (policy === 'Never')
          throw refused('ErrImageNeverPull', `Container image "${image}" is not present with pull policy of Never`)
      }

      const key = `${pod.metadata.uid}_${image}`
      const wait = backOff.remaining(key)
      if (wait > 0) {
        const message = `Back-off pulling image "${image}"`
        event('Normal', 'BackOff', message)
        const last = lastErrors.get(key)
        throw new WaitingFault({
          reason: 'ImagePullBackOff',
          message: last ? `${message}: ${last}` : message,
          retryAfter: wait,
        })
      }

      event('Normal', 'Pulling', `Pulling image "${image}"`)
      const asked = clock.now()
      try {
        const own = await credentials()
        const pulling = queue.run(async () => {
          signal.throwIfAborted()
          const started = clock.now()
          // Another pod may have pulled it while this one waited for its turn.
          const meanwhile = policy === 'Always' ? undefined : await present()
          if (meanwhile) return { result: meanwhile, started }
          queue.throttle()
          return { result: await pull(reference, own, options), started }
        })
        const { result, started } = await abortable(pulling, signal)
        const [took, waited] = [goDuration(clock.now() - started), goDuration(clock.now() - asked)]
        const text = `Successfully pulled image "${image}" in ${took} (${waited} including waiting). Image size: ${result.size} bytes.`
        event('Normal', 'Pulled', text)
        lastErrors.delete(key)
        return result
      } catch (e) {
        if (signal.aborted || isUnavailable(e)) throw e
        const { reason, message, told } = pullFailure(image, e)
        event('Warning', 'Failed', `Failed to pull image "${image}": ${told}`)
        backOff.next(key, clock.now())
        lastErrors.set(key, `${reason}: ${message}`)
        // Before the back-off is over, so that the status comes to tell of it.
        throw new WaitingFault({ reason, message, retryAfter: retryPeriod / 2 })
      }
    },
    forget(podUid) {
      backOff.forget(podUid)
      for (const key of lastErrors.keys()) if (key.startsWith(podUid)) lastErrors.delete(key)
    },
  }
}

const textOf = (e: unknown): string => (e instanceof Error ? e.message : String(e))

function authOf(image: string, credential: Credential | undefined): Pick<PullOptions, 'auth'> {
  if (!credential) return {}
  const { username, password } = credential
  const [serveraddress = ''] = parseImageReference(image).repository.split('/')
  return { auth: { username, password, serveraddress } }
}

/** evalCRIPullErr: a registry that is out of order is told apart. `told` is what the Event says. */
function pullFailure(image: string, e: unknown): { reason: string; message: string; told: string } {
  const text = textOf(e)
  if (!(e instanceof RuntimeFault) || e.reason !== 'RegistryUnavailable')
    return { reason: 'ErrImagePull', message: text, told: text }
  const message = `image pull failed for ${image} because the registry is unavailable: ${text}`
  return { reason: e.reason, message, told: `${e.reason}: ${text}` }
}
