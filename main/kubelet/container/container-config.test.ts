import { expect, it } from 'vitest'
import type { Container, PodSpec } from '../../../shared/api/core.ts'
import { defaultConfiguration } from '../configuration/kubelet-configuration.ts'
import { containerConfig } from './container-config.ts'
import { aPod } from '../pod/pod.fixture.ts'
import { createSimulatedVolumes } from '../simulated/simulated-host.ts'

async function mountsOf(container: Container, volumes: PodSpec['volumes'] = [], attempt = 0) {
  const { mounts } = await containerConfig({
    pod: aPod({ containers: [container], volumes }),
    container,
    attempt,
    image: { id: 'i', digests: [], size: 1, user: '' },
    facts: { ip: '10.1.0.2', hostIP: '', nodeName: 'n1', allocatable: {} },
    volumes: new Map(volumes.map(({ name }) => [name, `/volumes/${name}`])),
    services: new Map(),
    nodeMemory: 2 ** 30,
    host: createSimulatedVolumes(),
    recursiveReadOnly: false,
    read: { find: async () => undefined },
    settings: {
      clusterDNS: '',
      clusterDomain: 'cluster.local',
      addresses: () => [],
      capacity: {},
      labels: {},
      configuration: defaultConfiguration,
      hostDns: { nameservers: [], searches: [], options: [] },
      kubeletVersion: '',
    },
  })
  return Object.fromEntries(mounts.map(({ containerPath, ...rest }) => [containerPath, rest]))
}

const app = { name: 'app', image: 'nginx' }

it('gives each attempt of a container a file for its last words', async () => {
  expect((await mountsOf(app, [], 2))['/dev/termination-log']).toEqual({
    hostPath: '/simulated/pods/u1/containers/app/2',
    readOnly: false,
  })
  expect(Object.keys(await mountsOf({ ...app, terminationMessagePath: '/bye' }))).toEqual([
    '/etc/hosts',
    '/etc/resolv.conf',
    '/bye',
  ])
})

it('lets no container write what the kubelet writes', async () => {
  const volumes = [
    { name: 'config', configMap: { name: 'c' } },
    { name: 'login', secret: { secretName: 's' } },
    { name: 'pod', downwardAPI: {} },
    { name: 'all', projected: { sources: [] } },
    { name: 'scratch', emptyDir: {} },
  ]
  const volumeMounts = volumes.map(({ name }) => ({ name, mountPath: `/${name}`, readOnly: false }))
  const mounts = await mountsOf({ ...app, volumeMounts }, volumes)
  const readOnly = volumes.filter(({ name }) => mounts[`/${name}`]?.readOnly).map(({ name }) => name)
  expect(readOnly).toEqual(['config', 'login', 'pod', 'all'])
})
