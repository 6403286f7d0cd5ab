import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createImageGarbage } from '../../../main/kubelet/images/image-garbage.ts'
import { createPullRecords } from '../../../main/kubelet/images/pull-records.ts'
import { silent } from '../../../shared/machinery/log.ts'
import { withoutDocker } from '../../helpers/docker.ts'
import { startRegistry, type Registry } from '../../helpers/registry.ts'
import { clock, clusterName, createContainer, createTestNode, removeAll, runSandbox, type TestNode } from './node.ts'

const cluster = clusterName('images')

describe.skipIf(withoutDocker)('images on Docker', () => {
  let node: TestNode
  let registry: Registry
  beforeAll(async () => {
    registry = await startRegistry()
    node = await createTestNode(cluster)
  })
  afterAll(async () => {
    await node[Symbol.asyncDispose]()
    await removeAll(cluster)
    const listed = await node.docker.listImages({ filters: { reference: [`${registry.host}/*`] } })
    await Promise.all(listed.map(({ Id }) => node.docker.getImage(Id).remove({ force: true })))
    registry[Symbol.dispose]()
  })

  async function pull(name: string) {
    await registry.image(name)
    const reference = `${registry.host}/${name}`
    const options = { onProgress: () => undefined, signal: new AbortController().signal }
    return { reference, ...(await node.runtime.pullImage(reference, options)) }
  }
  const tagsOf = async (id: string) => (await node.runtime.images()).find(image => image.id === id)?.tags

  it('that nodes pulled go when nobody needs them, and no others do', async () => {
    const { runtime, docker } = node
    const records = createPullRecords({ clock, log: silent })
    const [unused, users, used, renamed, moved] = await Promise.all(
      ['unused:1', 'users:1', 'used:1', 'renamed:1', 'moved:1'].map(pull),
    )
    for (const image of [unused, used, renamed, moved]) {
      if (!image) throw new Error('not pulled')
      await records.ended(image.reference, { imageId: image.id, isNew: true, credential: undefined })
    }
    const ids = [unused, users, used, renamed, moved].map(image => image?.id ?? '')
    await createContainer(node, await runSandbox(node, 'used'), { imageId: ids[2] ?? '', command: ['/pause'] })
    await docker.getImage(ids[3] ?? '').tag({ repo: `${registry.host}/mine`, tag: '1' })
    // Its tag is that of a newer image now: this one has only its digest left.
    await docker.getImage(ids[1] ?? '').tag({ repo: `${registry.host}/moved`, tag: '1' })

    const before = (await runtime.images()).length
    using garbage = createImageGarbage({
      runtime,
      records,
      settings: {
        imageGCHighThresholdPercent: 100,
        imageGCLowThresholdPercent: 0,
        imageMinimumGCAge: 0,
        imageMaximumGCAge: 0,
      },
      pods: () => [],
      node: () => undefined,
      changed: () => undefined,
      recorder: { event: () => undefined },
      clock,
      log: silent,
    })
    await garbage.deleteUnused()
    const left = await Promise.all(ids.map(tagsOf))
    expect(left.map(tags => tags !== undefined)).toEqual([false, true, true, true, false])
    expect((await runtime.images()).length).toBe(before - 2)
  })

  it('are not taken from what uses them', async () => {
    const image = await pull('held:1')
    await createContainer(node, await runSandbox(node, 'held'), { imageId: image.id, command: ['/pause'] })
    const [listed] = (await node.runtime.images()).filter(({ id }) => id === image.id)
    if (!listed) throw new Error('not listed')
    expect(listed).toMatchObject({ used: true, tags: [image.reference], digests: image.digests })
    expect(await node.runtime.removeImage(listed)).toBe(false)
    expect(await tagsOf(image.id)).toEqual([image.reference])
  })

  it('are on a file system that is known', async () => {
    const { capacityBytes, availableBytes } = await node.runtime.imageFileSystem()
    expect(capacityBytes).toBeGreaterThan(2 ** 20)
    expect(availableBytes).toBeLessThanOrEqual(capacityBytes)
  })
})
