import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import type { PodSpec } from '../../../shared/api/core.ts'
import { readManifests } from './manifest.ts'

let root: string
let directory: string

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'podbay-manifests-'))
})
beforeEach(async () => {
  directory = await mkdtemp(join(root, 'd-'))
})
afterAll(() => rm(root, { recursive: true }))

const manifest = (spec: Partial<PodSpec> = {}) =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web' },
    spec: { containers: [{ name: 'app', image: 'i' }], ...spec },
  })
const put = (name: string, text: string) => writeFile(join(directory, name), text)
/** The files of the pods, by their names, and what is wrong with the others. */
async function read() {
  const { pods, errors } = await readManifests(directory, 'N1')
  const texts = errors.map(({ message }) => message.replaceAll(`${directory}/`, ''))
  return { pods: pods.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`), errors: texts }
}

it('names pods after the node, and reads each name once', async () => {
  await put('a.yaml', manifest())
  await put('b.json', manifest({ hostNetwork: true }))
  expect(await read()).toEqual({ pods: ['default/web-n1'], errors: ['b.json: default/web-n1 is the pod of a.yaml'] })
})

it('reads nothing but files of a size that a manifest may have', async () => {
  await put('a.yaml', manifest())
  await put('.hidden', 'no manifest')
  await mkdir(join(directory, 'folder'))
  await put('large.yaml', `# ${'-'.repeat(10 * 2 ** 20)}\n${manifest()}`)
  expect(await read()).toEqual({
    pods: ['default/web-n1'],
    errors: ['folder: it is not a file', 'large.yaml: it has more than 10485760 bytes'],
  })
})

const volume = (source: object): Partial<PodSpec> => ({ volumes: [{ name: 'v', ...source }] })
const env = (valueFrom: object): Partial<PodSpec> => ({
  containers: [{ name: 'app', image: 'i', env: [{ name: 'E', valueFrom }] }],
})

it.each<[string, Partial<PodSpec>]>([
  ['serviceaccounts', { serviceAccountName: 'default' }],
  ['secrets', { imagePullSecrets: [{ name: 's' }] }],
  ['secrets', volume({ secret: { secretName: 's' } })],
  ['configmaps', env({ configMapKeyRef: { name: 'c', key: 'k' } })],
  ['resourceclaims', { resourceClaims: [{ name: 'gpu', resourceClaimName: 'gpu' }] }],
  ['persistentvolumeclaims', volume({ persistentVolumeClaim: { claimName: 'c' } })],
  ['csidrivers (via CSI volumes)', volume({ csi: { driver: 'd' } })],
  [
    'serviceaccounts (via projected volumes)',
    volume({ projected: { sources: [{ serviceAccountToken: { path: 't' } }] } }),
  ],
])('tells that static pods may not reference %s', async (resource, spec) => {
  await put('web.yaml', manifest(spec))
  expect(await read()).toEqual({ pods: [], errors: [`web.yaml: static pods may not reference ${resource}`] })
})

it('leaves volumes alone that need nothing of the API', async () => {
  const downward = { items: [{ path: 'n', fieldRef: { fieldPath: 'metadata.name' } }] }
  await put('web.yaml', manifest(volume({ projected: { sources: [{ downwardAPI: downward }] } })))
  expect(await read()).toEqual({ pods: ['default/web-n1'], errors: [] })
})
