import { describe, expect, it } from 'vitest'
import { createFakeClock } from '../../../test/helpers/fake-clock.ts'
import { defaultImageSettings, type ImageSettings } from './image-settings.ts'
import { createPullQueue } from './pull-queue.ts'

describe('the queue of pulls', () => {
  /** How many of five pulls are under way at most, each of which ends when the test says so. */
  async function most(settings: Partial<ImageSettings>): Promise<number> {
    const queue = createPullQueue({ ...defaultImageSettings, ...settings }, createFakeClock())
    let [running, peak] = [0, 0]
    const pulls = Array.from({ length: 5 }, () =>
      queue.run(async () => {
        peak = Math.max(peak, ++running)
        for (let turn = 0; turn < 10; turn++) await Promise.resolve()
        running--
      }),
    )
    await Promise.all(pulls)
    return peak
  }

  it.each([
    [{}, 1],
    [{ serializeImagePulls: false, maxParallelImagePulls: 3 }, 3],
    [{ serializeImagePulls: false }, 5],
  ])('with %j lets so many run side by side: %i', async (settings, peak) => {
    expect(await most(settings)).toBe(peak)
  })

  it('goes on after a pull that failed', async () => {
    const queue = createPullQueue(defaultImageSettings, createFakeClock())
    const failed = queue.run(() => Promise.reject(new Error('no such image')))
    const next = queue.run(() => Promise.resolve('pulled'))
    await expect(failed).rejects.toThrow('no such image')
    expect(await next).toBe('pulled')
  })

  it('refuses what exceeds the burst, until time has passed', async () => {
    const clock = createFakeClock()
    const queue = createPullQueue({ ...defaultImageSettings, registryPullQPS: 2, registryBurst: 3 }, clock)
    const begin = () => queue.throttle()
    for (let pull = 0; pull < 3; pull++) begin()
    expect(begin).toThrow('pull QPS exceeded')
    await clock.advance(500)
    begin()
    expect(begin).toThrow('pull QPS exceeded')
  })

  it('has no limit where none is wanted', () => {
    const queue = createPullQueue({ ...defaultImageSettings, registryPullQPS: 0, registryBurst: 0 }, createFakeClock())
    expect(() => queue.throttle()).not.toThrow()
  })
})
