import { describe, expect, it } from 'vitest'
import type { Container, PodSpec } from '../../../shared/api/core.ts'
import { aPod } from '../pod/pod.fixture.ts'
import { podQos } from '../resources/qos.ts'
import { containerResources } from '../resources/resources.ts'
import { containerSecurity } from './security.ts'

const nodeMemory = 8 * 2 ** 30
const of = (requests: Record<string, string>, limits: Record<string, string>) => {
  const container: Container = { name: 'app', image: 'nginx', resources: { requests, limits } }
  return {
    qos: podQos(aPod({ containers: [container] })),
    ...containerResources(aPod({ containers: [container] }), container, nodeMemory),
  }
}

describe('containerResources', () => {
  it.each([
    [{}, {}, { qos: 'BestEffort', cpuShares: 2, cpuQuota: 0, memoryLimit: 0, oomScoreAdj: 1000 }],
    [
      { cpu: '500m', memory: '1Gi' },
      {},
      { qos: 'Burstable', cpuShares: 512, cpuQuota: 0, memoryLimit: 0, oomScoreAdj: 875 },
    ],
    [{ memory: '8Gi' }, {}, { qos: 'Burstable', cpuShares: 2, cpuQuota: 0, memoryLimit: 0, oomScoreAdj: 3 }],
    [
      { cpu: '1', memory: '64Mi' },
      { cpu: '1', memory: '64Mi' },
      { qos: 'Guaranteed', cpuShares: 1024, cpuQuota: 100_000, memoryLimit: 67_108_864, oomScoreAdj: -997 },
    ],
    [
      {},
      { cpu: '5m', memory: '1M' },
      { qos: 'Burstable', cpuShares: 5, cpuQuota: 1000, memoryLimit: 1_000_000, oomScoreAdj: 999 },
    ],
    [{}, { cpu: '250m' }, { qos: 'Burstable', cpuShares: 256, cpuQuota: 25_000, memoryLimit: 0, oomScoreAdj: 999 }],
  ])('%j %j', (requests, limits, wanted) => {
    expect(of(requests, limits)).toEqual(wanted)
  })
})

describe('containerSecurity', () => {
  const image = { id: 'i', digests: [], size: 1, user: '' }
  const security = (own: Container['securityContext'], ofPod: PodSpec['securityContext'] = {}, user = '') => {
    const container: Container = { name: 'app', ...(own && { securityContext: own }) }
    return containerSecurity(aPod({ securityContext: ofPod }), container, { ...image, user })
  }

  it('puts the container over the pod', () => {
    const capabilities = { add: ['NET_ADMIN'], drop: ['ALL'] }
    const own = { runAsUser: 1000, readOnlyRootFilesystem: true, allowPrivilegeEscalation: false, capabilities }
    expect(security(own, { runAsUser: 5, runAsGroup: 7, supplementalGroups: [8], fsGroup: 9 })).toEqual({
      user: '1000:7',
      groups: [8, 9],
      privileged: false,
      readOnlyRootFilesystem: true,
      allowPrivilegeEscalation: false,
      addCapabilities: ['NET_ADMIN'],
      dropCapabilities: ['ALL'],
      unmasked: false,
    })
    expect(security({}, {}).user).toBeUndefined()
  })

  const where = '(pod: "web_default(u1)", container: app)'
  it.each([
    [{ runAsNonRoot: true, runAsUser: 0 }, '', `container's runAsUser breaks non-root policy ${where}`],
    [{ runAsNonRoot: true }, '', `container has runAsNonRoot and image will run as root ${where}`],
    [
      { runAsNonRoot: true },
      'app',
      `container has runAsNonRoot and image has non-numeric user (app), cannot verify user is non-root ${where}`,
    ],
  ])('refuses %j with image user %j', (own, user, message) => {
    expect(() => security(own, {}, user)).toThrow(
      expect.objectContaining({ reason: 'CreateContainerConfigError', message }),
    )
  })

  it('takes profiles of the container, else of the pod', () => {
    const unconfined = { appArmorProfile: { type: 'Unconfined' } }
    expect(security({}, unconfined)).toMatchObject({ appArmor: 'unconfined' })
    const own = { appArmorProfile: { type: 'Localhost', localhostProfile: 'mine' }, procMount: 'Unmasked' }
    expect(security(own, unconfined)).toMatchObject({ appArmor: 'mine', unmasked: true })
  })

  it.each([
    [{ runAsNonRoot: true, runAsUser: 1 }, ''],
    [{ runAsNonRoot: true }, '1000:1000'],
    [{ runAsNonRoot: false }, ''],
  ])('allows %j with image user %j', (own, user) => {
    expect(() => security(own, {}, user)).not.toThrow()
  })
})
