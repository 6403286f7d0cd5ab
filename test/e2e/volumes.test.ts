import Docker from 'dockerode'
import { beforeAll, describe, expect, it } from 'vitest'
import type { KubeEvent, Pod, Volume } from '../../shared/api/core.ts'
import { useCluster } from '../helpers/cluster.ts'
import { withoutDocker } from '../helpers/docker.ts'
import { eventually } from '../helpers/eventually.ts'
import { shellPod, untilEnded } from '../helpers/shell-pod.ts'

/** A pod that waits in a shell, with one volume at /v. */
const podWith = (
  name: string,
  volume: Omit<Volume, 'name'>,
  { mount = {}, container = {} }: { mount?: object; container?: object } = {},
) =>
  shellPod(name, untilEnded, {
    container: { volumeMounts: [{ name: 'v', mountPath: '/v', ...mount }], ...container },
    spec: { volumes: [{ name: 'v', ...volume }] },
  })

const persistent = (name: string, spec: object) => ({
  apiVersion: 'v1',
  kind: 'PersistentVolume',
  metadata: { name },
  spec: {
    storageClassName: '',
    capacity: { storage: '1Mi' },
    accessModes: ['ReadWriteOnce'],
    claimRef: { namespace: 'default', name },
    ...spec,
  },
})
const claim = (name: string) => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name },
  spec: {
    storageClassName: '',
    volumeName: name,
    accessModes: ['ReadWriteOnce'],
    resources: { requests: { storage: '1Mi' } },
  },
})

const here = { nodeSelectorTerms: [{ matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'Exists' }] }] }
const ofClaim = (claimName: string) => ({ persistentVolumeClaim: { claimName } })
const image = (reference: string) => ({ image: { reference, pullPolicy: 'Never' } })

describe.skipIf(withoutDocker)(`volumes of pods on Docker ${withoutDocker}`, () => {
  const cluster = useCluster('mounts')
  const { apply, ready, inPod, kubectl } = cluster

  // All at once: each test then waits for its own.
  beforeAll(async () => {
    const local = { path: `/var/lib/podbay/${cluster.name}` }
    const limits = { resources: { limits: { memory: '32Mi' } } }
    const readOnly = { readOnly: true, recursiveReadOnly: 'IfPossible' }
    await apply({
      apiVersion: 'v1',
      kind: 'List',
      items: [
        { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings' }, data: { a: '1' } },
        persistent('fast', { local, nodeAffinity: { required: here }, mountOptions: ['noexec'] }),
        persistent('host', { hostPath: { path: '/tmp' }, mountOptions: ['noexec'] }),
        claim('fast'),
        claim('host'),
        podWith('tools', image('podbay.test/shell:1'), { mount: { subPath: 'bin' } }),
        podWith('no-tools', image('podbay.test/none:1')),
        podWith('memory', { emptyDir: { medium: 'Memory', sizeLimit: '1Gi' } }, { mount: readOnly, container: limits }),
        podWith('configured', { configMap: { name: 'settings' } }),
        podWith('unset', { emptyDir: {} }, { mount: { subPathExpr: '$(NOBODY)' } }),
        podWith('fast', ofClaim('fast')),
        podWith('host', ofClaim('host')),
        podWith('share', { nfs: { server: '127.0.0.1', path: '/export' } }),
        podWith('block', { rbd: { monitors: ['127.0.0.1'], image: 'disk' } }),
      ],
    })
  })

  const told = (pod: string, text: string) =>
    eventually(async () => {
      const events = await cluster.list<KubeEvent>('events', '--field-selector', `involvedObject.name=${pod}`)
      expect(events.map(({ reason = '', message = '' }) => `${reason}: ${message}`).join('\n')).toContain(text)
    })
  const waits = (pod: string, waiting: object) =>
    eventually(async () => {
      const { status } = await cluster.read<Pod>('pod', pod)
      expect(status?.containerStatuses?.[0]?.state?.waiting).toMatchObject(waiting)
    })

  it('an image is mounted as a volume, read-only, or is missed', async () => {
    await ready('tools')
    expect(await inPod('tools', '/v/sh -c "echo from the image"; touch /v/x 2>&1 || true')).toMatch(
      /^from the image\n.*Read-only file system/,
    )
    await waits('no-tools', { reason: 'ErrImageNeverPull' })
    await told('no-tools', 'Failed: Error: ErrImageNeverPull')
  })

  it('a volume in memory takes no more than its pod may; the status tells how it is mounted', async () => {
    await ready('memory')
    expect(await inPod('memory', 'df -k /v | tail -1')).toMatch(/^tmpfs +32768 /)
    const { status } = await cluster.read<Pod>('pod', 'memory')
    expect(status?.containerStatuses?.[0]?.volumeMounts?.[0]).toEqual({
      name: 'v',
      mountPath: '/v',
      readOnly: true,
      recursiveReadOnly: 'Disabled',
    })
  })

  it('a pod goes on when its ConfigMap is deleted, also with a container that ends', async () => {
    await ready('configured')
    await kubectl.ok(['delete', 'configmap', 'settings'])
    await told('configured', 'FailedMount: MountVolume.SetUp failed for volume "v" : configmap "settings" not found')
    // The shell of this command may die with the container.
    await kubectl.run(['exec', 'configured', '--', 'kill', '1'])
    await eventually(async () => {
      const { status } = await cluster.read<Pod>('pod', 'configured')
      expect(status?.containerStatuses?.[0]).toMatchObject({ restartCount: 1, ready: true })
    })
    expect(await inPod('configured', 'cat /v/a')).toBe('1')
  })

  it('mount options hold where they mean something, and are refused elsewhere', async () => {
    await ready('fast')
    expect(await inPod('fast', 'grep " /v " /proc/self/mountinfo')).toContain('noexec')
    const refused = 'MountVolume.MountOptionSupport check failed for volume "host" : mount options are not supported'
    await told('host', `FailedMount: ${refused} for this volume type`)
  })

  it('what cannot be mounted is said in the words of v1.36 or the engine', async () => {
    await waits('unset', { reason: 'CreateContainerConfigError', message: 'missing value for NOBODY' })
    await told('block', 'FailedMount: Unable to attach or mount volumes: unmounted volumes=[v], unattached volumes=[],')
    await told('block', 'failed to get Plugin from volumeSpec for volume "v" err=no volume plugin matched')
    await told('share', 'FailedMount: MountVolume.SetUp failed for volume "v" : ')
    await told('share', 'failed to mount local volume: mount :/export:')
  })

  it('a pod that is deleted leaves nothing of what the engine mounted for it', async () => {
    const { metadata } = await cluster.read<Pod>('pod', 'share')
    const filters = { label: [`io.kubernetes.pod.uid=${metadata.uid}`] }
    const left = async () => (await new Docker().listVolumes({ filters })).Volumes.length
    expect(await left()).toBe(1)
    await kubectl.ok(['delete', 'pod', 'share'])
    expect(await left()).toBe(0)
  })
})
