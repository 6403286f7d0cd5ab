import type { Clock } from '../../../shared/machinery/clock.ts'
import type { ImageSettings } from './image-settings.ts'

/** How many pulls run side by side, and how often one begins (pkg/kubelet/images/puller.go and helpers.go). */
export interface PullQueue {
  /** Begins with `work` when it has a place. */
  run<T>(work: () => Promise<T>): Promise<T>
  /** To be called by `work` before it asks a registry. Throws when there were too many pulls lately. */
  throttle(): void
}

type Settings = Pick<
  ImageSettings,
  'serializeImagePulls' | 'maxParallelImagePulls' | 'registryPullQPS' | 'registryBurst'
>

export function createPullQueue(settings: Settings, clock: Clock): PullQueue {
  const { serializeImagePulls, maxParallelImagePulls = Infinity, registryPullQPS: perSecond } = settings
  const waiting: (() => void)[] = []
  let places = serializeImagePulls ? 1 : maxParallelImagePulls
  let tokens = settings.registryBurst
  let filled = clock.now()

  return {
    async run(work) {
      if (places > 0) places--
      else await new Promise<void>(resolve => waiting.push(resolve))
      try {
        return await work()
      } finally {
        const next = waiting.shift()
        if (next) next()
        else places++
      }
    },
    throttle() {
      if (perSecond === 0) return
      const now = clock.now()
      tokens = Math.min(settings.registryBurst, tokens + ((now - filled) / 1000) * perSecond)
      filled = now
      if (tokens < 1) throw new Error('pull QPS exceeded')
      tokens--
    },
  }
}
