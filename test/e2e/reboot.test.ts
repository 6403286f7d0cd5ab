import Docker from 'dockerode'
import { afterAll, describe, expect, it } from 'vitest'
import { AGENT } from '../../main/kubelet/docker/agent/agent.ts'
import { unlessGone } from '../../main/kubelet/docker/engine-errors.ts'
import {
  ATTEMPT,
  CLUSTER,
  labelFilter,
  NODE,
  ownerLabels,
  POD_UID,
  TYPE,
  type Labels,
} from '../../main/kubelet/docker/labels.ts'
import type { Pod } from '../../shared/api/core.ts'
import { useCluster } from '../helpers/cluster.ts'
import { withoutDocker } from '../helpers/docker.ts'
import { eventually } from '../helpers/eventually.ts'
import { shellImage, shellPod, untilEnded } from '../helpers/shell-pod.ts'

describe.skipIf(withoutDocker)(`what an engine finds when it starts again ${withoutDocker}`, () => {
  const cluster = useCluster('reboot')
  const docker = new Docker()
  const strangers: string[] = []

  afterAll(async () => {
    const removing = strangers.map(name => unlessGone(docker.getContainer(name).remove({ force: true })))
    await Promise.all(removing)
  })

  const containers = (labels: Labels = { [CLUSTER]: cluster.name }, all = true) =>
    docker.listContainers({ all, filters: { label: labelFilter(labels) } })

  /** As at a power failure: the engine and all that ran of its cluster are dead at once. */
  async function powerFailure() {
    await cluster.engine.end('SIGKILL')
    const running = await containers(undefined, false)
    await Promise.all(running.map(({ Id }) => docker.getContainer(Id).kill()))
  }

  /** A container with these labels that runs, as one of ours does or as somebody else's. */
  async function plant(name: string, labels: Labels) {
    strangers.push(name)
    const container = await docker.createContainer({
      name,
      Image: shellImage.image,
      Cmd: ['sleep', '600'],
      Labels: labels,
    })
    await container.start()
  }

  it('runs pods again after a reboot: in a new sandbox, init containers first, with their volumes', async () => {
    const volumeMounts = [{ name: 'data', mountPath: '/data' }]
    const init = { name: 'init', ...shellImage, command: ['sh', '-c', 'echo init >>/data/log'], volumeMounts }
    const spec = { initContainers: [init], volumes: [{ name: 'data', emptyDir: {} }] }
    const script = `echo main >>/data/log; ${untilEnded}`
    await cluster.apply(shellPod('steady', script, { container: { volumeMounts }, spec }))
    await cluster.apply(shellPod('once', untilEnded, { spec: { restartPolicy: 'Never' } }))
    await cluster.ready('steady', 'once')
    const before = await cluster.read<Pod>('pod', 'steady')

    await powerFailure()
    await cluster.start()

    await eventually(async () => {
      const { status } = await cluster.read<Pod>('pod', 'steady')
      expect(status?.containerStatuses).toMatchObject([{ ready: true, restartCount: 1 }])
    })
    const after = await cluster.read<Pod>('pod', 'steady')
    expect(after.metadata.uid).toBe(before.metadata.uid)
    expect(after.status).toMatchObject({
      phase: 'Running',
      initContainerStatuses: [{ restartCount: 1, state: { terminated: { reason: 'Completed' } } }],
      containerStatuses: [{ lastState: { terminated: { exitCode: 137, reason: 'Error' } } }],
    })
    expect(await cluster.inPod('steady', 'cat /data/log')).toBe('init\nmain\n'.repeat(2))
    const sandboxes = await containers({ [POD_UID]: before.metadata.uid, [TYPE]: 'podsandbox' }, false)
    expect(sandboxes.map(({ Labels }) => Labels[ATTEMPT])).toEqual(['1'])
    await eventually(async () => expect((await cluster.read<Pod>('pod', 'once')).status?.phase).toBe('Failed'))
  })

  it('removes what is left of pods that nobody knows, and nothing that is not its own', async () => {
    const owner = { cluster: cluster.name, node: cluster.node }
    const ofNobody = { ...ownerLabels(owner), [POD_UID]: '0b5f2a52-0000-4000-8000-000000000000' }
    await cluster.engine.end('SIGKILL')
    await plant(`${cluster.name}-lost-sandbox`, { ...ofNobody, [TYPE]: 'podsandbox' })
    await plant(`${cluster.name}-lost`, { ...ofNobody, [TYPE]: 'container' })
    await plant(`${cluster.name}-of-others`, { ...ofNobody, [CLUSTER]: 'another', [TYPE]: 'container' })
    await plant(`${cluster.name}-unlabelled`, {})
    await cluster.start()
    await eventually(async () => expect(await containers(ofNobody)).toEqual([]))
    await cluster.ready('steady')
    for (const kept of ['of-others', 'unlabelled'])
      expect((await docker.getContainer(`${cluster.name}-${kept}`).inspect()).State.Running).toBe(true)
  })

  it('removes what a node left that was removed while the engine died', async () => {
    expect(cluster.podbay('node', 'add', 'second').stdout).toBe('node second added\n')
    await cluster.kubectl.ok(['wait', 'node/second', '--for=condition=Ready', '--timeout=60s'])
    const ofSecond = { [CLUSTER]: cluster.name, [NODE]: 'second' }
    expect((await containers({ ...ofSecond, [AGENT]: 'node' })).length).toBe(1)
    await cluster.kubectl.ok(['delete', 'node', 'second', '--wait=false'])
    await cluster.engine.end('SIGKILL')
    await cluster.start()
    await eventually(async () => expect(await containers(ofSecond)).toEqual([]))
  })
})
