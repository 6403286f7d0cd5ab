import Docker from 'dockerode'
import { afterAll, describe, expect, it } from 'vitest'
import type { KubeEvent, PersistentVolume, PersistentVolumeClaim } from '../../shared/api/core.ts'
import { withoutDocker } from '../helpers/docker.ts'
import { useCluster } from '../helpers/cluster.ts'
import { eventually } from '../helpers/eventually.ts'
import { shellPod, untilEnded } from '../helpers/shell-pod.ts'

const claim = (claimName: string, spec: object = {}) =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: claimName },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...spec },
  })

interface PodOptions {
  volume: object
  /** Of the container's first command, after which it waits. */
  script?: string
  mount?: object
  spec?: object
}

const pod = (podName: string, { volume, script = ':', mount = {}, spec = {} }: PodOptions) =>
  shellPod(podName, `${script}; ${untilEnded}`, {
    container: { volumeMounts: [{ name: 'data', mountPath: '/data', ...mount }] },
    spec: { volumes: [{ name: 'data', ...volume }], ...spec },
  })

const ofClaim = (claimName: string, more: object = {}) => ({ persistentVolumeClaim: { claimName, ...more } })

describe.skipIf(withoutDocker)(`persistent volumes on Docker ${withoutDocker}`, () => {
  // Hooks run in reverse order: the cluster is gone then.
  afterAll(async () => expect(await volumes()).toEqual([]))
  const cluster = useCluster('volumes')
  const { kubectl, name, apply, ready } = cluster

  const cat = (podName: string, path: string) => kubectl.ok(['exec', podName, '--', 'cat', path])
  const volumes = async () => {
    const found = await new Docker().listVolumes({ filters: { label: [`podbay.cluster=${name}`] } })
    return found.Volumes.map(each => each.Name)
  }
  const boundTo = async (claimName: string) =>
    (await cluster.read<PersistentVolumeClaim>('pvc', claimName)).spec.volumeName ?? ''
  const told = (about: string, text: string) =>
    eventually(async () => {
      const events = await cluster.list<KubeEvent>('events')
      const messages = events.filter(e => e.involvedObject.name === about).map(e => `${e.reason}: ${e.message ?? ''}`)
      expect(messages.join('\n')).toContain(text)
    })

  it('a claim of the default class keeps what pods write, also through a restart of the engine', async () => {
    await apply(claim('data'))
    expect(await kubectl.ok(['get', 'sc'])).toMatch(/^standard \(default\) +podbay.io\/docker-volume +Delete +WaitFor/m)
    await told('data', 'WaitForFirstConsumer: waiting for first consumer to be created before binding')
    await apply(pod('writer', { volume: ofClaim('data'), script: 'echo hello > /data/greeting' }))
    await ready('writer')
    expect(await volumes()).toEqual([`podbay.${name}.${await boundTo('data')}`])
    await kubectl.ok(['delete', 'pod', 'writer'])
    await cluster.engine.end('SIGKILL')
    await cluster.start()
    await apply(pod('reader', { volume: ofClaim('data', { readOnly: true }) }))
    await ready('reader')
    expect(await cat('reader', '/data/greeting')).toBe('hello\n')
    const refused = await kubectl.run(['exec', 'reader', '--', 'sh', '-c', 'echo more >> /data/greeting'])
    expect(refused.output).toContain('Read-only file system')
  })

  it('a claim grows while it is used, and never shrinks', async () => {
    const size = (storage: string) => JSON.stringify({ spec: { resources: { requests: { storage } } } })
    await kubectl.ok(['patch', 'pvc', 'data', '-p', size('3Gi')])
    await eventually(async () => {
      const { status } = await cluster.read<PersistentVolumeClaim>('pvc', 'data')
      expect(status).toMatchObject({ phase: 'Bound', capacity: { storage: '3Gi' } })
    })
    const volume = await cluster.read<PersistentVolume>('pv', await boundTo('data'))
    expect(volume.spec.capacity).toEqual({ storage: '3Gi' })
    await told('data', 'VolumeResizeSuccessful: Resize volume succeeded')
    const shrunk = await kubectl.run(['patch', 'pvc', 'data', '-p', size('2Gi')])
    expect(shrunk.output).toContain('field can not be less than status.capacity')
  })

  it('Docker keeps a volume that a pod uses; Delete takes the data along, Retain leaves it', async () => {
    const volume = await boundTo('data')
    await expect(new Docker().getVolume(`podbay.${name}.${volume}`).remove()).rejects.toThrow('volume is in use')
    await apply(claim('kept'))
    await apply(pod('keeper', { volume: ofClaim('kept'), script: 'echo precious > /data/file' }))
    await ready('keeper')
    const kept = await boundTo('kept')
    await kubectl.ok(['patch', 'pv', kept, '-p', '{"spec":{"persistentVolumeReclaimPolicy":"Retain"}}'])
    await kubectl.ok(['delete', 'pod', 'reader', 'keeper'])
    await kubectl.ok(['delete', 'pvc', 'data', 'kept'])
    await kubectl.ok(['wait', '--for=delete', `pv/${volume}`, '--timeout=60s'])
    await kubectl.ok(['wait', `pv/${kept}`, '--for=jsonpath={.status.phase}=Released', '--timeout=60s'])
    expect(await volumes()).toEqual([`podbay.${name}.${kept}`])

    await kubectl.ok(['patch', 'pv', kept, '-p', '{"spec":{"claimRef":null}}'])
    await apply(claim('again', { volumeName: kept }))
    await apply(pod('finder', { volume: ofClaim('again') }))
    await ready('finder')
    expect(await cat('finder', '/data/file')).toBe('precious\n')
  })

  it("an fsGroup's members may write, and parts of a volume are mounted by subPath", async () => {
    await apply(claim('shared'))
    const spec = { securityContext: { runAsUser: 1000, fsGroup: 2000 } }
    const script = 'echo one > /data/file'
    await apply(pod('part', { volume: ofClaim('shared'), mount: { subPath: 'a/b' }, script, spec }))
    await ready('part')
    await apply(pod('whole', { volume: ofClaim('shared'), spec }))
    await ready('whole')
    expect(await kubectl.ok(['exec', 'whole', '--', 'stat', '-c', '%u:%g', '/data/a/b/file'])).toBe('1000:2000\n')
    expect(await cat('whole', '/data/a/b/file')).toBe('one\n')
  })

  it('an ephemeral volume lives as long as its pod', async () => {
    const template = { spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } }
    const volume = { ephemeral: { volumeClaimTemplate: template } }
    await apply(pod('brief', { volume, script: 'echo scratch > /data/file' }))
    await ready('brief')
    expect(await cat('brief', '/data/file')).toBe('scratch\n')
    const made = await boundTo('brief-data')
    await kubectl.ok(['delete', 'pod', 'brief'])
    await kubectl.ok(['wait', '--for=delete', `pv/${made}`, '--timeout=60s'])
    expect(await volumes()).not.toContain(`podbay.${name}.${made}`)
  })

  it('what cannot be mounted holds the pod with the reason', async () => {
    await apply(
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'PersistentVolume',
        metadata: { name: 'disk' },
        spec: {
          capacity: { storage: '1Gi' },
          accessModes: ['ReadWriteOnce'],
          csi: { driver: 'disks.example.com', volumeHandle: 'd1' },
        },
      }),
    )
    await apply(claim('csi', { storageClassName: '', volumeName: 'disk' }))
    await apply(pod('no-driver', { volume: ofClaim('csi') }))
    await told('no-driver', 'FailedMount: MountVolume.SetUp failed for volume "disk" : kubernetes.io/csi:')
    await told('no-driver', 'driver name disks.example.com not found in the list of registered CSI drivers')

    await apply(pod('no-claim', { volume: ofClaim('nothing') }))
    await told('no-claim', 'FailedScheduling: 0/1 nodes are available: persistentvolumeclaim "nothing" not found.')
    await apply(claim('raw', { volumeMode: 'Block' }))
    const container = {
      name: 'c',
      image: 'podbay.test/shell:1',
      volumeDevices: [{ name: 'data', devicePath: '/dev/x' }],
    }
    await apply(pod('block', { volume: ofClaim('raw'), spec: { containers: [container] } }))
    await told(
      'raw',
      'ProvisioningFailed: failed to provision volume with StorageClass "standard": block volumes are not',
    )
  })

  it('the default class stays as its owner left it', async () => {
    await kubectl.ok(['delete', 'sc', 'standard'])
    await cluster.engine.end('SIGTERM')
    await cluster.start()
    expect((await kubectl.run(['get', 'sc'])).output).toContain('No resources found')
  })
})
