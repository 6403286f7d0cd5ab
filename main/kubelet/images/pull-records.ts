import type { Clock } from '../../../shared/machinery/clock.ts'
import type { Logger } from '../../../shared/machinery/log.ts'
import type { CredentialVerification, ImageSettings } from './image-settings.ts'
import type { Credential, SecretCoordinates } from './keyring.ts'
import { canonicalName, parseImageReference } from './reference.ts'

/**
 * What nodes of one engine remember of the images that they pulled, as upstream's ImagePullManager does (KEP-2535): whose
 * credentials opened them, so that nobody else gets them from the engine; and which ones the engine did not have before.
 */
export interface PullRecords {
  /** Before a pull: until `ended`, also after a crash, nobody may use the image unasked. Rejects if it can't be noted down. */
  begin(image: string): Promise<void>
  /** After each `begin`, also one that rejected. `pulled`: what came of it, if it came. */
  ended(image: string, pulled?: Pulled): Promise<void>
  /** Whether a pod may use an image that the engine has; else its own credentials must pull it. */
  mayUse(image: string, imageId: string, settings: Verification, own: () => Promise<Credential[]>): Promise<boolean>
  /** The images that the engine has because nodes pulled them: by id, all names (as canonicalName writes them) by which they did. */
  brought(): Promise<ReadonlyMap<string, readonly string[]>>
  /** Forgets those that the engine had no more when it was asked at `asOf`. */
  prune(present: ReadonlySet<string>, asOf: number): Promise<void>
}

interface Pulled {
  imageId: string
  /** Whether the engine did not have it before. */
  isNew: boolean
  /** Nobody's: the image is for all. */
  credential: Credential | undefined
}

type Verification = Pick<
  ImageSettings,
  'imagePullCredentialsVerificationPolicy' | 'preloadedImagesVerificationAllowlist'
>

/** A small file that outlives the engine's process. */
export interface RecordFile {
  /** Undefined if there is none. */
  read(): Promise<string | undefined>
  /** In one step. */
  write(text: string): Promise<void>
}

interface ImageRecord {
  isNew: boolean
  names: string[]
  /** Milliseconds. */
  pulledAt: number
  /** Who may use it, by the repository by which it was pulled. */
  access: Record<string, 'all' | Holder[]>
}

interface Holder extends SecretCoordinates {
  hash: string
}

/** Secrets of one image that are remembered because they hold what others held before (writeRecordWhileMatchingLimit). */
const holdersLimit = 100

interface Options {
  /** Without it nothing outlives the process. */
  file?: RecordFile
  clock: Clock
  log: Logger
}

export function createPullRecords({ file, clock, log }: Options): PullRecords {
  const images = new Map<string, ImageRecord>()
  /** By name of an image, how many pulls of it have begun; none if that was in the life of an earlier process. */
  const pulling = new Map<string, number>()
  let saving: Promise<void> = Promise.resolve()
  let loading: Promise<void> | undefined

  async function load() {
    const text = await file?.read()
    if (text === undefined) return
    const known = JSON.parse(text) as { pulling: string[]; images: Record<string, ImageRecord> }
    for (const name of known.pulling) pulling.set(name, 0)
    for (const [id, record] of Object.entries(known.images)) images.set(id, record)
  }
  const loaded = () =>
    (loading ??= load().catch((error: unknown) => {
      log.error('What is known of pulled images could not be read', { error })
    }))

  async function save() {
    const text = () => JSON.stringify({ pulling: [...pulling.keys()], images: Object.fromEntries(images) })
    saving = saving.catch(() => undefined).then(() => file?.write(text()))
    await saving
  }
  /** Where the next write will do. */
  const trySave = () =>
    save().catch((error: unknown) => {
      log.error('What is known of pulled images could not be written', { error })
    })

  /** Adds a Secret to those that may use an image; false if it is there already. */
  function admit(access: ImageRecord['access'], repository: string, { secret, hash }: Credential): boolean {
    const holders = access[repository] ?? []
    if (holders === 'all' || holders.some(holder => isSecret(holder, secret) && holder.hash === hash)) return false
    access[repository] = [...holders.filter(holder => !isSecret(holder, secret)), { ...secret, hash }]
    return true
  }

  return {
    async begin(image) {
      await loaded()
      const name = canonicalName(image)
      pulling.set(name, (pulling.get(name) ?? 0) + 1)
      await save()
    },
    async ended(image, pulled) {
      const name = canonicalName(image)
      const others = (pulling.get(name) ?? 0) - 1
      if (others > 0) pulling.set(name, others)
      else pulling.delete(name)
      if (pulled) {
        const { imageId, credential, isNew } = pulled
        const { repository } = parseImageReference(image)
        const record = images.get(imageId) ?? { isNew, names: [], pulledAt: 0, access: {} }
        record.names = [...new Set([...record.names, name])]
        record.pulledAt = clock.now()
        if (credential) admit(record.access, repository, credential)
        else record.access[repository] = 'all'
        images.set(imageId, record)
      }
      await trySave()
    },
    async mayUse(image, imageId, settings, own) {
      await loaded()
      const record = images.get(imageId)
      const wasPulled = record !== undefined || pulling.has(canonicalName(image))
      const { repository } = parseImageReference(image)
      if (!mustVerify[settings.imagePullCredentialsVerificationPolicy]({ repository, image, wasPulled, ...settings }))
        return true
      const holders = record?.access[repository]
      if (!record || !holders) return false
      if (holders === 'all') return true
      // A Secret whose content was changed stays one that could pull it, and so does its new content (MustAttemptImagePull).
      const fitting = (await own()).find(({ secret, hash }) =>
        holders.some(holder => holder.hash === hash || isSecret(holder, secret)),
      )
      if (!fitting) return false
      if (holders.length < holdersLimit && admit(record.access, repository, fitting)) await trySave()
      return true
    },
    async brought() {
      await loaded()
      return new Map([...images].filter(([, { isNew }]) => isNew).map(([id, { names }]) => [id, names]))
    },
    async prune(present, asOf) {
      await loaded()
      const gone = [...images].filter(([id, { pulledAt }]) => !present.has(id) && pulledAt < asOf)
      for (const [id] of gone) images.delete(id)
      if (gone.length > 0) await trySave()
    },
  }
}

const isSecret = (a: SecretCoordinates, b: SecretCoordinates) =>
  a.uid === b.uid && a.name === b.name && a.namespace === b.namespace

interface Question {
  repository: string
  image: string
  wasPulled: boolean
  preloadedImagesVerificationAllowlist: readonly string[]
}

/** pkg/kubelet/images/pullmanager/image_pull_policies.go */
const mustVerify: Record<CredentialVerification, (question: Question) => boolean> = {
  NeverVerify: () => false,
  NeverVerifyPreloadedImages: ({ wasPulled }) => wasPulled,
  NeverVerifyAllowlistedImages: ({ image, preloadedImagesVerificationAllowlist: allowed }) => {
    const name = image.replace(/@.*$/, '').replace(/:[^:/]*$/, '')
    return !allowed.some(each => (each.endsWith('/*') ? name.startsWith(each.slice(0, -1)) : name === each))
  },
  AlwaysVerify: () => true,
}
