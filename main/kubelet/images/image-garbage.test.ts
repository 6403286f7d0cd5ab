import { describe, expect, it } from 'vitest'
import { createFakeClock } from '../../../test/helpers/fake-clock.ts'
import type { Pod } from '../../../shared/api/core.ts'
import { silent } from '../../../shared/machinery/log.ts'
import { aPod } from '../pod/pod.fixture.ts'
import type { ListedImage } from '../runtime.ts'
import { createImageGarbage } from './image-garbage.ts'
import type { ImageGarbageSettings } from './image-settings.ts'
import { createPullRecords } from './pull-records.ts'

const minute = 60_000
const policy: ImageGarbageSettings = {
  imageGCHighThresholdPercent: 85,
  imageGCLowThresholdPercent: 80,
  imageMinimumGCAge: 2 * minute,
  imageMaximumGCAge: 0,
}

/** A disk of 1,000 bytes, of which `other` are not images; node `n1` pulled every image whose name does not begin with `user`. */
async function aNode(settings: Partial<ImageGarbageSettings> = {}) {
  const clock = createFakeClock()
  const disk = { other: 0, capacity: 1000, fault: undefined as Error | undefined }
  const engine: ListedImage[] = []
  const pods: Pod[] = []
  const events: string[] = []
  const needed = new Set<string>()
  const records = createPullRecords({ clock, log: silent })
  const node = { metadata: { name: 'n1', uid: 'n1' } }
  const used = () => disk.other + engine.reduce((sum, { size }) => sum + size, 0)
  const names = () => engine.map(({ tags, id }) => tags[0] ?? id)

  return {
    clock,
    disk,
    engine,
    pods,
    events,
    needed,
    names,
    async add(name: string, { size = 100, used = false, tags = [`${name}:1`] }: Partial<ListedImage> = {}) {
      engine.push({ id: name, tags, digests: [], size, used })
      const isNew = !name.startsWith('user')
      await records.ended(`${name}:1`, { imageId: name, isNew, credential: undefined })
    },
    start: () =>
      createImageGarbage({
        runtime: {
          images: async () => structuredClone(engine),
          imageFileSystem: async () => ({ capacityBytes: disk.capacity, availableBytes: disk.capacity - used() }),
          async removeImage({ id }) {
            if (disk.fault) throw disk.fault
            if (needed.has(id)) return false
            engine.splice(
              engine.findIndex(image => image.id === id),
              1,
            )
            return true
          },
        },
        records,
        settings: { ...policy, ...settings },
        pods: () => pods,
        node: () => node,
        changed: () => events.push('changed'),
        recorder: { event: (_, type, reason, message) => events.push(`${type} ${reason}: ${message}`) },
        clock,
        log: silent,
      }),
  }
}

describe('unused images', () => {
  it('stay while there is room', async () => {
    const node = await aNode()
    await node.add('a')
    node.disk.other = 740
    using _ = node.start()
    await node.clock.advance(60 * minute)
    expect(node.names()).toEqual(['a:1'])
    expect(node.events).toEqual([])
  })

  it('go, the one that was used the longest ago first, until the disk is below the low threshold', async () => {
    const node = await aNode()
    await node.add('b')
    await node.add('a', { used: true })
    node.disk.other = 600
    using _ = node.start()
    await node.clock.advance(5 * minute)
    node.engine.forEach(image => (image.used = false))
    await node.add('c')
    node.disk.other = 590
    await node.clock.advance(5 * minute)
    expect(node.names()).toEqual(['a:1', 'c:1'])
    expect(node.events).toEqual(['changed'])
  })

  it('do not go before they are known long enough', async () => {
    const node = await aNode({ imageMinimumGCAge: 8 * minute })
    await node.add('a', { size: 900 })
    using _ = node.start()
    await node.clock.advance(5 * minute)
    expect(node.names()).toEqual(['a:1'])
    await node.clock.advance(5 * minute)
    expect(node.names()).toEqual([])
  })

  it('stay if they are used, are of a pod, are needed by the engine, or are the user’s', async () => {
    const node = await aNode()
    await node.add('running', { used: true })
    await node.add('starting')
    await node.add('mounted')
    await node.add('base')
    await node.add('user-pulled')
    await node.add('renamed', { tags: ['renamed:1', 'mine:1'] })
    await node.add('gone')
    node.needed.add('base')
    node.pods.push(
      aPod({
        containers: [{ name: 'app', image: 'docker.io/library/starting:1' }],
        volumes: [{ name: 'v', image: { reference: 'mounted:1' } }],
      }),
    )
    node.disk.other = 300
    using garbage = node.start()
    await node.clock.advance(5 * minute)
    await garbage.deleteUnused()
    expect(node.names()).toEqual(['running:1', 'starting:1', 'mounted:1', 'base:1', 'user-pulled:1', 'renamed:1'])
  })

  it('that lost their name go too', async () => {
    const node = await aNode()
    await node.add('old', { tags: [] })
    using garbage = node.start()
    await node.clock.advance(2 * minute)
    await garbage.deleteUnused()
    expect(node.names()).toEqual([])
  })

  it('go when they were not used for longer than they may, however much room there is', async () => {
    const node = await aNode({ imageMaximumGCAge: 12 * minute })
    await node.add('a')
    await node.add('b', { used: true })
    using _ = node.start()
    await node.clock.advance(10 * minute)
    expect(node.names()).toEqual(['a:1', 'b:1'])
    await node.clock.advance(5 * minute)
    expect(node.names()).toEqual(['b:1'])
  })

  it('are not enough where other things fill the disk: Events say so', async () => {
    const node = await aNode()
    node.disk.other = 950
    using _ = node.start()
    await node.clock.advance(5 * minute)
    const message =
      "Insufficient free disk space on the node's image filesystem (95% of 1000 B used). Failed to free sufficient space by deleting unused images (freed 0 bytes). Investigate disk usage, as it could be used by active images, logs, volumes, or other data."
    expect(node.events).toEqual([
      `Warning FreeDiskSpaceFailed: ${message}`,
      `Warning FreeDiskSpaceFailed: ${message}`,
      `Warning ImageGCFailed: ${message}`,
    ])
  })

  it('that can not be removed are told of when it fails again', async () => {
    const node = await aNode({ imageMinimumGCAge: 0 })
    await node.add('a', { size: 900 })
    node.disk.fault = new Error('read-only file system')
    using _ = node.start()
    await node.clock.advance(minute)
    expect(node.events).toEqual([])
    await node.clock.advance(5 * minute)
    const message =
      'wanted to free 100 bytes, but freed 0 bytes space with errors in image deletion: read-only file system'
    expect(node.events).toEqual([`Warning ImageGCFailed: ${message}`])
  })

  it('are looked for no more when the node stops', async () => {
    const node = await aNode()
    node.start()[Symbol.dispose]()
    await node.clock.advance(10 * minute)
    expect(node.clock.pending).toBe(0)
  })
})
