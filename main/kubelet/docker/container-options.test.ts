import type { HostConfig } from 'dockerode'
import { describe, expect, it } from 'vitest'
import { aSandbox, containerConfig, sandboxConfig } from '../pod/pod.fixture.ts'
import type { ContainerConfig } from '../runtime.ts'
import { containerOptions, sandboxOptions, sharedWithSandbox } from './container-options.ts'

const owner = { cluster: 'c', node: 'n' }
const sharing = (HostConfig: HostConfig, Labels = {}) => sharedWithSandbox('s0', { Config: { Labels }, HostConfig })
const place = { graceSeconds: '30', oomScoreFloor: -1000, shared: sharing({ IpcMode: 'shareable' }) }
const options = (change: Partial<ContainerConfig>) =>
  containerOptions(owner, aSandbox(), { ...containerConfig, ...change }, place)

describe('a container', () => {
  it.each([
    [undefined, undefined, undefined, undefined],
    [['sh'], undefined, ['sh'], undefined],
    [['sh'], ['-c'], ['sh'], ['-c']],
    [undefined, ['-v'], undefined, ['-v']],
    [[], [], undefined, undefined],
  ])('with command %j and args %j gets Entrypoint %j and Cmd %j', (command, args, Entrypoint, Cmd) => {
    const change = { ...(command && { command }), ...(args && { args }) }
    expect(options(change).Entrypoint).toEqual(Entrypoint)
    expect(options(change).Cmd).toEqual(Cmd)
  })

  it('joins its sandbox, gets no swap, is never restarted by the engine, and can be adopted by its labels', () => {
    const resources = { cpuShares: 512, cpuQuota: 50_000, memoryLimit: 1 << 20, oomScoreAdj: 900 }
    expect(options({ resources })).toMatchObject({
      name: 'k8s_app_web_default_u1_0',
      Healthcheck: { Test: ['NONE'] },
      Labels: {
        'podbay.cluster': 'c',
        'podbay.node': 'n',
        'io.kubernetes.docker.type': 'container',
        'io.kubernetes.pod.uid': 'u1',
        'io.kubernetes.sandbox.id': 's0',
        'io.kubernetes.pod.terminationGracePeriod': '30',
      },
      HostConfig: {
        NetworkMode: 'container:s0',
        IpcMode: 'container:s0',
        RestartPolicy: { Name: 'no' },
        Memory: 1 << 20,
        MemorySwap: 1 << 20,
        CpuQuota: 50_000,
        OomScoreAdj: 900,
      },
    })
  })

  it('is confined as its profiles say, and bounded in processes', () => {
    const security = { ...containerConfig.security, seccomp: false, appArmor: 'mine', unmasked: true }
    expect(options({ security, processes: 4096 }).HostConfig).toMatchObject({
      SecurityOpt: ['seccomp=unconfined', 'apparmor=mine'],
      MaskedPaths: [],
      ReadonlyPaths: [],
      PidsLimit: 4096,
    })
    expect(options({}).HostConfig).toMatchObject({ SecurityOpt: [] })
    const own = { ...containerConfig.security, seccomp: '{"defaultAction":"SCMP_ACT_ALLOW"}' }
    expect(options({ security: own }).HostConfig).toMatchObject({
      SecurityOpt: ['seccomp={"defaultAction":"SCMP_ACT_ALLOW"}'],
    })
    expect(options({}).HostConfig).not.toHaveProperty('MaskedPaths')
  })

  it('has its log rotated as configured', () => {
    const of = (change: Parameters<typeof options>[0]) => options(change).HostConfig?.LogConfig
    expect(of({ logRotation: { bytes: 2048, files: 3 } })).toEqual({
      Type: 'json-file',
      Config: { 'max-size': '2048', 'max-file': '3' },
    })
    expect(of({})).toEqual({ Type: 'json-file', Config: {} })
  })

  it('asks for no OOM score that the engine may not give', () => {
    const resources = { ...containerConfig.resources, oomScoreAdj: -997 }
    const config = { ...containerConfig, resources }
    const made = containerOptions(owner, aSandbox(), config, { ...place, oomScoreFloor: 0 })
    expect(made.HostConfig?.OomScoreAdj).toBe(0)
  })
})

it('a container of a pod in the namespaces of the node joins them, whatever its own target', () => {
  const made = { image: 'pause', network: 'podbay-c', ipcOf: 'agent', processesOf: 'holder', oomScoreFloor: 0 }
  const { HostConfig = {} } = sandboxOptions(owner, sandboxConfig, made)
  expect(HostConfig).toMatchObject({ IpcMode: 'container:agent', PidMode: 'container:holder' })
  const config = { ...containerConfig, processesOf: 'target' }
  const joining = containerOptions(owner, aSandbox(), config, { ...place, shared: sharing(HostConfig) })
  expect(joining.HostConfig).toMatchObject({ IpcMode: 'container:agent', PidMode: 'container:holder' })
  expect(options({ processesOf: 'target' }).HostConfig).toMatchObject({ PidMode: 'container:target' })
})

it('a container is run by what runs its sandbox', () => {
  const made = { image: 'pause', network: 'podbay-c', oomScoreFloor: -1000 }
  const { HostConfig = {}, Labels = {} } = sandboxOptions(owner, { ...sandboxConfig, runtimeHandler: 'gvisor' }, made)
  expect(HostConfig.Runtime).toBe('gvisor')
  expect(sharing(HostConfig, Labels)).toMatchObject({ Runtime: 'gvisor' })
  expect(sharing({ Runtime: 'whatever the engine says' })).not.toHaveProperty('Runtime')
})

it('a sandbox on the host network takes the hostname of the node agent it joins', () => {
  const made = { image: 'pause', network: 'container:agent', oomScoreFloor: -1000 }
  expect(sandboxOptions(owner, { ...sandboxConfig, hostNetwork: true }, made)).not.toHaveProperty('Hostname')
  expect(sandboxOptions(owner, sandboxConfig, { ...made, network: 'podbay-c' })).toMatchObject({ Hostname: 'web' })
})
