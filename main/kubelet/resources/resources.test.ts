import { describe, expect, it } from 'vitest'
import type { Container, PodSpec } from '../../../shared/api/core.ts'
import { defaultConfiguration } from '../configuration/kubelet-configuration.ts'
import { aPod } from '../pod/pod.fixture.ts'
import { containerResources, groupResources, podResources } from './resources.ts'

const Mi = 2 ** 20
const nodeMemory = 8 * 2 ** 30
type Resources = NonNullable<Container['resources']>
const container = (name: string, resources: Resources = {}): Container => ({ name, image: 'nginx', resources })
const both = (list: Record<string, string>): Resources => ({ requests: list, limits: list })
const pod = (spec: Partial<PodSpec>) => aPod({ containers: [container('app')], ...spec })

describe('resources of a pod as a whole', () => {
  it('bound the containers that have no limits of their own', () => {
    const whole = pod({ resources: both({ cpu: '1', memory: '512Mi' }) })
    expect(containerResources(whole, container('app'), nodeMemory)).toEqual({
      cpuShares: 1024,
      cpuQuota: 100_000,
      memoryLimit: 512 * Mi,
      oomScoreAdj: -997,
    })
    const own = container('app', { requests: { cpu: '100m' }, limits: { memory: '64Mi' } })
    expect(containerResources(whole, own, nodeMemory)).toMatchObject({
      cpuShares: 102,
      cpuQuota: 100_000,
      memoryLimit: 64 * Mi,
    })
  })

  it('are shared among its containers when the node is out of memory', () => {
    const own = container('app', { requests: { memory: '1Gi' } })
    const containers = [own, container('other')]
    const score = (spec: Partial<PodSpec>, of: Container) =>
      containerResources(pod({ containers, ...spec }), of, nodeMemory).oomScoreAdj
    expect(score({}, own)).toBe(875)
    const resources = { requests: { memory: '3Gi' } }
    // 2 of its 3 GiB are nobody's, so that each container is reckoned with 1 GiB more.
    expect(score({ resources }, own)).toBe(750)
    expect(score({ resources }, container('other'))).toBe(875)
    const sidecar: Container = { ...container('proxy'), restartPolicy: 'Always' }
    expect(score({ containers: [own], initContainers: [sidecar] }, sidecar)).toBe(875)
    expect(score({ priorityClassName: 'system-node-critical', priority: 2_000_001_000 }, own)).toBe(-997)
    expect(score({ priorityClassName: 'system-cluster-critical', priority: 2_000_000_000 }, own)).toBe(875)
  })

  it.each<[string, Partial<PodSpec>, object]>([
    [
      'its own before those of its containers',
      {
        containers: [container('app', both({ cpu: '100m' }))],
        resources: { requests: { cpu: '500m', memory: '64Mi' }, limits: { cpu: '2', memory: '128Mi' } },
      },
      { cpuShares: 512, cpuQuota: 200_000, memoryLimit: 128 * Mi },
    ],
    [
      'sums of limits where all containers have one, and the overhead',
      {
        containers: [container('a', both({ cpu: '1', memory: '1Mi' })), container('b', both({ cpu: '500m' }))],
        overhead: { cpu: '250m', memory: '1Mi' },
      },
      { cpuShares: 1792, cpuQuota: 175_000, memoryLimit: 0 },
    ],
    ['nothing of one that asks for nothing', {}, { cpuShares: 2, cpuQuota: 0, memoryLimit: 0 }],
    [
      'huge pages, of containers too',
      { containers: [container('app', both({ 'hugepages-2Mi': '4Mi', memory: '1Mi' }))] },
      { hugePages: new Map([[2 * Mi, 4 * Mi]]) },
    ],
  ])('limit %s', (_, spec, wanted) => {
    expect(podResources(pod(spec))).toMatchObject(wanted)
  })

  it('need a group, as huge pages do, which has a limit of processes too', () => {
    const group = (spec: Partial<PodSpec>) => groupResources(pod(spec), defaultConfiguration.podPidsLimit)
    expect(group({ containers: [container('app', both({ cpu: '1', memory: '1Mi' }))] })).toBeUndefined()
    expect(group({ containers: [container('app', both({ 'hugepages-2Mi': '2Mi' }))] })).toBeDefined()
    const processes = { processes: defaultConfiguration.podPidsLimit }
    expect(group({ resources: { requests: { cpu: '1' } } })).toMatchObject(processes)
  })

  it('need none for processes unless their number was chosen', () => {
    const limits = { cpuQuota: 0, memoryLimit: 0, processes: 60 }
    expect(groupResources(pod({ containers: [container('app', both({ cpu: '1' }))] }), 60)).toMatchObject(limits)
    expect(groupResources(pod({}), -1)).toBeUndefined()
  })
})
