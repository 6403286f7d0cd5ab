import { describe, expect, it } from 'vitest'
import type { Container } from '../../../shared/api/core.ts'
import { aPod } from '../pod/pod.fixture.ts'
import { createSimulatedVolumes } from '../simulated/simulated-host.ts'
import { containerMounts } from './container-mounts.ts'
import { mountStatuses } from './recursive-read-only.ts'

type VolumeMount = NonNullable<Container['volumeMounts']>[number]

async function mounted(mount: Partial<VolumeMount>, { supported = false, volume = {} } = {}) {
  const container = { name: 'app', volumeMounts: [{ name: 'v', mountPath: '/v', ...mount }] }
  const [only] = await containerMounts({
    pod: aPod({ containers: [container], volumes: [{ name: 'v', ...volume }] }),
    container,
    volumes: new Map([['v', '/host/v']]),
    values: new Map([
      ['POD', 'web-0'],
      ['EMPTY', ''],
    ]),
    host: {
      ...createSimulatedVolumes(),
      async subPath(path, below, { existing = false }) {
        if (below === 'out') throw new Error('subpath leads out of the volume')
        return `${path}/${below}${existing ? '!' : ''}`
      },
    },
    recursiveReadOnly: supported,
  })
  return only
}

describe('mounts of containers', () => {
  it.each<[Partial<VolumeMount>, object]>([
    [{}, { containerPath: '/v', hostPath: '/host/v', readOnly: false }],
    [{ mountPath: 'v' }, { containerPath: '/v' }],
    [{ mountPropagation: 'HostToContainer' }, { propagation: 'HostToContainer' }],
    [{ mountPropagation: 'Bidirectional' }, { propagation: 'Bidirectional' }],
    [{ subPath: 'a/b' }, { hostPath: '/host/v/a/b' }],
    [{ subPathExpr: 'x/$(POD)$$(POD)' }, { hostPath: '/host/v/x/web-0$(POD)' }],
  ])('%j', async (mount, expected) => {
    expect(await mounted(mount)).toMatchObject(expected)
  })

  it.each<[Partial<VolumeMount>, string]>([
    [{ name: 'other' }, 'cannot find volume "other" to mount into container "app"'],
    [{ subPathExpr: '$(Z)/$(NO)/$(EMPTY)' }, 'missing value for EMPTY, NO, Z'],
    [{ subPathExpr: '/$(POD)' }, 'error SubPath `/web-0` must not be an absolute path'],
    [{ subPathExpr: '$(POD)/../..' }, "unable to provision SubPath `web-0/../..`: must not contain '..'"],
    [{ subPath: 'out' }, 'failed to prepare subPath for volumeMount "v" of container "app"'],
    [
      { readOnly: true, recursiveReadOnly: 'Enabled' },
      'failed to resolve recursive read-only mode: volume "v" requested recursive read-only mode, but it is not supported by the runtime',
    ],
  ])('%j can not be had', async (mount, message) => {
    await expect(mounted(mount)).rejects.toMatchObject({ reason: 'CreateContainerConfigError', message })
  })

  it('are read-only where the volume says so for all containers', async () => {
    expect(await mounted({}, { volume: { nfs: { server: 's', path: '/', readOnly: true } } })).toMatchObject({
      readOnly: true,
    })
    const image = { image: { reference: 'tools:1' } }
    expect(await mounted({ subPath: 'bin' }, { volume: image })).toMatchObject({
      readOnly: true,
      hostPath: '/host/v/bin!',
    })
  })

  it.each<[NonNullable<VolumeMount['recursiveReadOnly']>, boolean, string]>([
    ['Enabled', true, 'Enabled'],
    ['IfPossible', true, 'Enabled'],
    ['IfPossible', false, 'Disabled'],
    ['Disabled', true, 'Disabled'],
  ])('asked to be read-only all the way down (%s) where that is possible (%j)', async (mode, supported, told) => {
    const mount = { name: 'v', mountPath: '/v', readOnly: true, recursiveReadOnly: mode }
    expect((await mounted(mount, { supported }))?.recursiveReadOnly).toBe(told === 'Enabled' ? true : undefined)
    expect(mountStatuses({ name: 'app', volumeMounts: [mount] }, supported).volumeMounts).toEqual([
      { name: 'v', mountPath: '/v', readOnly: true, recursiveReadOnly: told },
    ])
  })
})
