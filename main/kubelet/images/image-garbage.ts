import type { Node, Pod } from '../../../shared/api/core.ts'
import type { EventRecorder } from '../../../shared/client/recorder.ts'
import type { Clock } from '../../../shared/machinery/clock.ts'
import type { Logger } from '../../../shared/machinery/log.ts'
import { allContainers, ephemeralContainers } from '../pod/pod-records.ts'
import type { ListedImage, Runtime } from '../runtime.ts'
import type { ImageGarbageSettings } from './image-settings.ts'
import type { PullRecords } from './pull-records.ts'
import { canonicalName } from './reference.ts'

/**
 * Removes images that nobody uses, as upstream's image GC manager (pkg/kubelet/images/image_gc_manager.go) but of those
 * alone that the engine has because a node pulled them and to which nobody gave another name: all others are the user's.
 */
export interface ImageGarbage extends Disposable {
  /** Removes all that are old enough, whatever room there is. */
  deleteUnused(): Promise<void>
}

interface Options {
  runtime: Pick<Runtime, 'images' | 'removeImage' | 'imageFileSystem'>
  records: PullRecords
  settings: ImageGarbageSettings
  /** Pods of this node: what they are to run stays, also while no container of theirs is there. */
  pods: () => Iterable<Pod>
  node: () => Node | undefined
  /** The engine has fewer images. */
  changed: () => void
  recorder: EventRecorder
  clock: Clock
  log: Logger
}

interface Candidate extends ListedImage {
  firstDetected: number
  lastUsed: number
}

/** ImageGCPeriod */
const period = 5 * 60_000

export function createImageGarbage(options: Options): ImageGarbage {
  const { runtime, records, settings, recorder, clock, log } = options
  const { imageGCHighThresholdPercent: high, imageGCLowThresholdPercent: low } = settings
  const began = clock.now()
  const seen = new Map<string, { firstDetected: number; lastUsed: number }>()
  let failed = false
  let timer: Disposable | undefined
  let stopped = false

  const event = (reason: string, message: string) => {
    const node = options.node()
    if (node) recorder.event(node, 'Warning', reason, message)
  }

  /** Those that may go, the one that was used the longest ago first. */
  async function unused(now: number): Promise<Candidate[]> {
    const images = await runtime.images()
    await records.prune(new Set(images.map(({ id }) => id)), now)
    const brought = await records.brought()
    const wanted = new Set([...options.pods()].flatMap(imagesOf))
    const candidates: Candidate[] = []
    for (const image of images) {
      const known = seen.get(image.id) ?? { firstDetected: now, lastUsed: 0 }
      const names = [...image.tags, ...image.digests].map(canonicalName)
      const used = image.used || names.some(name => wanted.has(name))
      seen.set(image.id, used ? { ...known, lastUsed: now } : known)
      const pulledAs = brought.get(image.id)
      const ours = pulledAs && image.tags.every(tag => pulledAs.includes(canonicalName(tag)))
      if (ours && !used) candidates.push({ ...image, ...known })
    }
    const present = new Set(images.map(({ id }) => id))
    for (const id of seen.keys()) if (!present.has(id)) seen.delete(id)
    return candidates.sort((a, b) => a.lastUsed - b.lastUsed || a.firstDetected - b.firstDetected)
  }

  /** Removes one after the other until `enough` bytes are free. Returns how many are, and what went wrong. */
  async function remove(images: Candidate[], enough = Infinity): Promise<{ freed: number; errors: string[] }> {
    const errors: string[] = []
    let freed = 0
    for (const image of images) {
      if (stopped || freed >= enough) break
      try {
        if (!(await runtime.removeImage(image))) continue
        log.info('Removed an image that nobody uses', { image: image.tags[0] ?? image.id, bytes: image.size })
        freed += image.size
      } catch (error) {
        errors.push(error instanceof Error ? error.message : String(error))
      }
    }
    if (freed > 0) options.changed()
    return { freed, errors }
  }

  const isOldEnough = (now: number) => (image: Candidate) => now - image.firstDetected >= settings.imageMinimumGCAge

  /** Those that were not used for so long that they go in any case; an image counts as used when this kubelet began. */
  async function removeOld(images: Candidate[], now: number): Promise<Candidate[]> {
    const { imageMaximumGCAge: longest } = settings
    if (longest === 0 || now - began <= longest) return images
    const old = images.filter(({ lastUsed }) => now - lastUsed > longest)
    const { errors } = await remove(old)
    if (errors.length > 0)
      throw new Error(
        `wanted to free images older than ${longest / 1000}s, encountered errors in image deletion: ${errors.join(', ')}`,
      )
    return images.filter(image => !old.includes(image))
  }

  async function collect(): Promise<void> {
    const now = clock.now()
    const images = await removeOld(await unused(now), now)
    const { capacityBytes: capacity, availableBytes } = await runtime.imageFileSystem()
    if (capacity === 0) {
      const message = 'invalid capacity 0 on image filesystem'
      event('InvalidDiskCapacity', message)
      throw new Error(message)
    }
    const available = Math.min(availableBytes, capacity)
    const percent = 100 - Math.floor((available * 100) / capacity)
    if (percent < high) return
    const wanted = Math.floor((capacity * (100 - low)) / 100) - available
    const { freed, errors } = await remove(images.filter(isOldEnough(now)), wanted)
    if (errors.length > 0)
      throw new Error(
        `wanted to free ${wanted} bytes, but freed ${freed} bytes space with errors in image deletion: ${errors.join(', ')}`,
      )
    if (freed >= wanted) return
    const message = `Insufficient free disk space on the node's image filesystem (${percent}% of ${sizeOf(capacity)} used). Failed to free sufficient space by deleting unused images (freed ${freed} bytes). Investigate disk usage, as it could be used by active images, logs, volumes, or other data.`
    event('FreeDiskSpaceFailed', message)
    throw new Error(message)
  }

  async function run(): Promise<void> {
    try {
      await collect()
      failed = false
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      if (failed && !stopped) event('ImageGCFailed', message)
      log.info('Images could not be collected', { error: message })
      failed = true
    }
    if (!stopped) timer = clock.setTimeout(() => void run(), period)
  }

  void run()
  return {
    async deleteUnused() {
      const now = clock.now()
      await remove((await unused(now)).filter(isOldEnough(now)))
    },
    [Symbol.dispose]() {
      stopped = true
      timer?.[Symbol.dispose]()
    },
  }
}

function imagesOf(pod: Pod): string[] {
  const containers = [...allContainers(pod), ...ephemeralContainers(pod)].map(({ image }) => image)
  const volumes = (pod.spec.volumes ?? []).map(({ image }) => image?.reference)
  return [...containers, ...volumes].flatMap(image => {
    try {
      return image ? canonicalName(image) : []
    } catch {
      // No name of an image: nothing can be pulled by it.
      return []
    }
  })
}

/** As formatSize writes it: `1.5 GiB`. */
function sizeOf(bytes: number): string {
  const exponent = Math.min(4, Math.max(0, Math.floor(Math.log2(bytes) / 10)))
  return exponent === 0 ? `${bytes} B` : `${(bytes / 1024 ** exponent).toFixed(1)} ${'KMGT'[exponent - 1] ?? ''}iB`
}
