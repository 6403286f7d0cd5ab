import { mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { pods } from '../../../shared/api/core.ts'
import { isNotFound } from '../../../shared/machinery/status.ts'
import { startNode } from './node.ts'
import type { TestNode } from './node.ts'

let directory: string
let node: TestNode

const manifest = (image: string) => `
apiVersion: v1
kind: Pod
metadata:
  name: web
  labels: { app: web }
spec:
  terminationGracePeriodSeconds: 1
  containers:
    - name: app
      image: ${image}
`

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'podbay-manifests-'))
  node = await startNode({ staticPodPath: directory })
})
afterEach(async () => {
  await node[Symbol.asyncDispose]()
  await rm(directory, { recursive: true })
})

/** As editors do it: readers see all or nothing. */
async function put(text: string, name = 'web.yaml') {
  await writeFile(join(directory, `.${name}`), text)
  await rename(join(directory, `.${name}`), join(directory, name))
}
const mirror = () => node.get('web-n1')
const uidIn = async () => (await mirror()).metadata.annotations?.['kubernetes.io/config.hash']
const running = (image = 'nginx:1') =>
  node.after(0, async () => {
    const pod = await mirror()
    expect(pod.status).toMatchObject({
      phase: 'Running',
      containerStatuses: [{ image: expect.stringContaining(image) }],
    })
    return pod
  })
const containers = async () =>
  (await node.runtime.list()).containers.filter(({ state }) => state === 'running').map(({ image }) => image)

it('a manifest becomes a pod of the node, with a mirror in the API that tells its status', async () => {
  await put(manifest('nginx:1'))
  const pod = await running()
  const hash = pod.metadata.annotations?.['kubernetes.io/config.hash']
  expect(pod.metadata).toMatchObject({
    namespace: 'default',
    labels: { app: 'web' },
    annotations: {
      'kubernetes.io/config.source': 'file',
      'kubernetes.io/config.seen': expect.stringMatching(/^2.*Z$/),
      'kubernetes.io/config.mirror': hash,
    },
    ownerReferences: [{ kind: 'Node', name: 'n1', controller: true }],
  })
  expect(pod.spec.tolerations).toContainEqual({ operator: 'Exists', effect: 'NoExecute' })
  expect((await node.runtime.list()).sandboxes.map(s => s.pod.uid)).toEqual([hash])
  const signal = new AbortController().signal
  const options = { previous: false, follow: false, timestamps: false, signal }
  await expect(node.kubelet().logs(pod, 'app', options)).resolves.toBeDefined()
})

it('a mirror that is deleted comes back, and its containers never went', async () => {
  await put(manifest('nginx:1'))
  const before = await running()
  const [container] = (await node.runtime.list()).containers
  await node.client.delete(pods, { namespace: 'default', name: 'web-n1' })
  await node.after(0, async () => {
    const now = await mirror()
    expect(now.metadata.uid).not.toBe(before.metadata.uid)
    expect(now.status?.phase).toBe('Running')
  })
  expect((await node.runtime.list()).containers).toEqual([container])
})

it('a changed manifest replaces the pod, after the old one has ended', async () => {
  await put(manifest('nginx:1'))
  await running()
  const before = await uidIn()
  await put(manifest('nginx:2'))
  await running('nginx:2')
  expect(await uidIn()).not.toBe(before)
  await node.after(0, async () => expect(await containers()).toEqual(['nginx:2']))
})

it('without its manifest a pod ends and its mirror goes; the same manifest brings it back', async () => {
  await put(manifest('nginx:1'))
  await running()
  const gone = () =>
    node.after(0, async () => {
      await expect(mirror()).rejects.toSatisfy(isNotFound)
      expect(await containers()).toEqual([])
    })
  await rm(join(directory, 'web.yaml'))
  await gone()
  await put(manifest('nginx:1'))
  await running()
})

it('gets its mirror when an ordinary pod gives its name back', async () => {
  await node.client.create(pods, {
    metadata: { name: 'web-n1', namespace: 'default' },
    spec: { nodeName: 'elsewhere', containers: [{ name: 'app', image: 'redis:1' }] },
  })
  await put(manifest('nginx:1'))
  await node.after(0, async () => expect(await containers()).toEqual(['nginx:1']))
  expect((await mirror()).spec.nodeName).toBe('elsewhere')
  await node.client.delete(pods, { namespace: 'default', name: 'web-n1' }, { gracePeriodSeconds: 0 })
  await node.after(0, async () => expect((await mirror()).spec.nodeName).toBe('n1'))
  expect(await containers()).toEqual(['nginx:1'])
})

it('outlives the kubelet', async () => {
  await put(manifest('nginx:1'))
  const before = await running()
  const [container] = (await node.runtime.list()).containers
  await node.restart()
  await put(manifest('redis:1').replace('name: web', 'name: other'), 'other.yaml')
  await node.after(0, async () => expect((await node.get('other-n1')).status?.phase).toBe('Running'))
  expect((await mirror()).metadata.uid).toBe(before.metadata.uid)
  expect((await node.runtime.list()).containers).toContainEqual(container)
})

it('leaves out what is no pod, and what the API server finds invalid', async () => {
  await put('kind: Service', 'service.yaml')
  await put('{ not yaml', 'broken.yaml')
  await put(manifest('nginx:1').replace('name: app', 'name: NOT_A_LABEL'), 'invalid.yaml')
  await put(manifest('nginx:1').replace('name: web', 'name: good'), 'zgood.yaml')
  await node.after(0, async () => expect((await node.get('good-n1')).status?.phase).toBe('Running'))
  expect(await containers()).toHaveLength(1)
  expect(await readdir(directory)).toHaveLength(4)
})
