import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import type { Container, PodSpec } from '../../../shared/api/core.ts'
import { aPod } from '../pod/pod.fixture.ts'
import { seccompFilter } from './seccomp.ts'

const directory = mkdtempSync(join(tmpdir(), 'podbay-seccomp-'))
afterAll(() => rmSync(directory, { recursive: true }))
const profile = '{"defaultAction":"SCMP_ACT_ALLOW"}'
mkdirSync(join(directory, 'profiles'))
writeFileSync(join(directory, 'profiles/open.json'), profile)
writeFileSync(join(directory, 'broken.json'), '{')
writeFileSync(join(directory, 'list.json'), '[]')

const filter = (
  own?: Container['securityContext'],
  { ofPod = {}, byDefault = true }: { ofPod?: PodSpec['securityContext']; byDefault?: boolean } = {},
) =>
  seccompFilter(
    aPod({ securityContext: ofPod }),
    { name: 'app', ...(own && { securityContext: own }) },
    { byDefault, directory },
  )
const of = (type: string) => ({ seccompProfile: { type } })
const file = (localhostProfile: string) => ({ seccompProfile: { type: 'Localhost', localhostProfile } })

it('is what the container says, else the pod, else the kubelet', async () => {
  expect(await filter()).toBe(true)
  expect(await filter({}, { byDefault: false })).toBe(false)
  expect(await filter({}, { ofPod: of('Unconfined') })).toBe(false)
  expect(await filter(of('RuntimeDefault'), { ofPod: of('Unconfined') })).toBe(true)
  expect(await filter(file('profiles/open.json'))).toBe(profile)
  expect(await filter({}, { ofPod: file('profiles/open.json') })).toBe(profile)
})

it.each([
  ['a.json', (path: string) => `cannot load seccomp profile "${path}": open ${path}: no such file or directory`],
  ['profiles', (path: string) => `cannot load seccomp profile "${path}": read ${path}: is a directory`],
  [
    'profiles/../broken.json',
    () => `cannot load seccomp profile "${join(directory, 'broken.json')}": must not contain '..'`,
  ],
  ['list.json', (path: string) => `decoding seccomp profile failed "${path}": it is not an object`],
])('refuses %s', async (name, message) => {
  const fault = { reason: 'CreateContainerError', message: message(join(directory, name)) }
  await expect(filter(file(name))).rejects.toMatchObject(fault)
})

it('tells what is wrong with the text of a profile', async () => {
  const message = expect.stringMatching(/^decoding seccomp profile failed ".*broken\.json": ./)
  await expect(filter(file('broken.json'))).rejects.toMatchObject({ reason: 'CreateContainerError', message })
})

it('is never read from elsewhere', async () => {
  const pod = aPod({ securityContext: file('../../../../..' + directory + '/profiles/open.json') })
  const none = { byDefault: true, directory: undefined }
  await expect(seccompFilter(aPod({ securityContext: file('a.json') }), { name: 'app' }, none)).rejects.toThrow(
    'cannot load seccomp profile "/var/lib/kubelet/seccomp/a.json": open /var/lib/kubelet/seccomp/a.json: no such file',
  )
  await expect(seccompFilter(pod, { name: 'app' }, none)).rejects.toThrow("must not contain '..'")
})
