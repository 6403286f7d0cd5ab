import { mkdirSync, writeFileSync } from 'node:fs'
import { totalmem } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { KubeEvent, Node, Pod } from '../../shared/api/core.ts'
import { useCluster } from '../helpers/cluster.ts'
import { eventually } from '../helpers/eventually.ts'
import { shellPod, untilEnded } from '../helpers/shell-pod.ts'

const Mi = 2 ** 20

/** A node that is short of memory as soon as its pods use more than 150 Mi of it, whatever the machine has. */
const configuration = {
  apiVersion: 'kubelet.config.k8s.io/v1beta1',
  kind: 'KubeletConfiguration',
  evictionHard: { 'memory.available': `${totalmem() - 150 * Mi}` },
  evictionPressureTransitionPeriod: '1s',
  maxPods: 20,
  podPidsLimit: 60,
  kubeReserved: { cpu: '100m' },
  allowedUnsafeSysctls: ['net.core.somaxconn'],
  cgroupDriver: 'systemd',
}

describe('a node with a KubeletConfiguration', () => {
  const cluster = useCluster('pressure', {
    prepare({ dataDir }) {
      mkdirSync(dataDir, { recursive: true })
      const file = join(dataDir, 'kubelet.json')
      writeFileSync(file, JSON.stringify(configuration))
      writeFileSync(join(dataDir, 'config.yaml'), `kubelet-config: ${file}\n`)
    },
  })
  const readNode = () => cluster.read<Node>('node', cluster.node)
  const readPod = (name: string) => cluster.read<Pod>('pod', name)

  test('tells what applies, and what has no effect', async () => {
    const path = `/api/v1/nodes/${cluster.node}/proxy/configz`
    const told: unknown = JSON.parse(await eventually(() => cluster.kubectl.ok(['get', '--raw', path])))
    expect(told).toMatchObject({
      kubeletconfig: {
        maxPods: 20,
        podPidsLimit: 60,
        evictionPressureTransitionPeriod: '1s',
        containerLogMaxSize: '10Mi',
      },
    })
    expect(cluster.engine.words()).toContain('warning: --kubelet-config: cgroupDriver has no effect here')
  })

  test('has resources without what is reserved, and others for as long as they are given to it', async () => {
    await cluster.kubectl.ok(['wait', `node/${cluster.node}`, '--for=condition=Ready', '--timeout=60s'])
    const { status } = await readNode()
    expect(status?.capacity?.['pods']).toBe('20')
    const cpus = Number(status?.capacity?.['cpu'])
    expect(status?.allocatable?.['cpu']).toBe(`${cpus * 1000 - 100}m`)

    const give = (quantity: string | null) => {
      const body = JSON.stringify({ status: { capacity: { 'example.com/dongle': quantity } } })
      return cluster.kubectl.ok(['patch', 'node', cluster.node, '--subresource=status', '--type=merge', '-p', body])
    }
    await give('2')
    const allocatable = async () => (await readNode()).status?.allocatable
    await eventually(async () => expect(await allocatable()).toMatchObject({ 'example.com/dongle': '2' }))
    await give(null)
    await eventually(async () => expect(await allocatable()).not.toHaveProperty(['example.com/dongle']))
  })

  test('lets pods have the sysctls that it allows, and no more processes than it grants', async () => {
    const sysctls = [{ name: 'net.core.somaxconn', value: '1234' }]
    await cluster.apply(shellPod('tuned', untilEnded, { spec: { securityContext: { sysctls } } }))
    await cluster.ready('tuned')
    expect(await cluster.inPod('tuned', 'cat /proc/sys/net/core/somaxconn')).toBe('1234\n')
    await expect(cluster.inPod('tuned', 'for i in $(seq 100); do sleep 20 & done')).rejects.toThrow(/fork/)
    await cluster.kubectl.ok(['delete', 'pod', 'tuned', '--now'])
  })

  test('evicts the pod that uses the most memory, says why, and takes others again when there is room', async () => {
    const memory = { volumes: [{ name: 'm', emptyDir: { medium: 'Memory' } }] }
    const container = { volumeMounts: [{ name: 'm', mountPath: '/m' }] }
    const hog = `dd if=/dev/zero of=/m/x bs=1M count=200; ${untilEnded}`
    await cluster.apply(shellPod('modest'))
    await cluster.ready('modest')
    await cluster.apply(shellPod('hog', hog, { container, spec: memory }))

    await eventually(async () => {
      const { status } = await readPod('hog')
      expect(status).toMatchObject({ phase: 'Failed', reason: 'Evicted' })
      expect(status?.message).toMatch(
        /^The node was low on resource: memory\. Threshold quantity: \d+, available: \w+\. Container c was using \w+, request is 0, has larger consumption of memory\. $/,
      )
      expect(status?.conditions).toContainEqual(
        expect.objectContaining({ type: 'DisruptionTarget', status: 'True', reason: 'TerminationByKubelet' }),
      )
    }, 40_000)
    const events = await cluster.list<KubeEvent>('events', '-A')
    const of = (reason: string) => events.find(each => each.reason === reason)
    expect(of('EvictionThresholdMet')?.message).toBe('Attempting to reclaim memory')
    expect(of('NodeHasInsufficientMemory')?.involvedObject.name).toBe(cluster.node)
    expect(of('Evicted')?.metadata.annotations).toMatchObject({ offending_containers: 'c', starved_resource: 'memory' })
    expect((await readPod('modest')).status?.phase).toBe('Running')

    await eventually(async () => {
      const { status } = await readNode()
      expect(status?.conditions).toContainEqual(
        expect.objectContaining({ type: 'MemoryPressure', status: 'False', reason: 'KubeletHasSufficientMemory' }),
      )
    })
    await cluster.apply(shellPod('late'))
    await cluster.ready('late')
  })
})
