import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CoreV1Api, KubeConfig } from '@kubernetes/client-node'
import Docker from 'dockerode'
import { podbay, startEngine } from '../helpers/engine.ts'
import { createKubectl } from '../helpers/kubectl.ts'
import { eventually } from '../helpers/eventually.ts'
import { median, timed, type Row } from './measure.ts'

const rounds = 8
const image = 'podbay.test/shell:1'
const command = ['sh', '-c', 'trap exit TERM; while :; do sleep 1 & wait; done']
const name = `bench-${process.pid}`
const label = `podbay.cluster=${name}`
const namespace = 'default'

/** From the request to create a pod to its container's start (image present), against the same two containers by bare Docker calls. */
export async function benchPodStart(): Promise<Row[]> {
  const directory = await mkdtemp(join(tmpdir(), 'podbay-bench-'))
  const dataDir = join(directory, 'data')
  const engine = await startEngine({ name, dataDir })
  const docker = new Docker()
  try {
    const kubectl = createKubectl(engine.kubeconfig)
    await kubectl.ok(['wait', `node/${name}-node`, '--for=create', '--timeout=120s'])
    await kubectl.ok(['wait', `node/${name}-node`, '--for=condition=Ready', '--timeout=120s'])
    const config = new KubeConfig()
    config.loadFromFile(engine.kubeconfig)
    const api = config.makeApiClient(CoreV1Api)
    const [network] = await docker.listNetworks({ filters: { label: [label] } })
    const pods = []
    const raws = []
    // In turn, so that both meet the same moods of the machine.
    for (let round = 0; round < rounds; round++) {
      raws.push(await bare(docker, network?.Name ?? 'bridge'))
      pods.push(await podStart(api, docker, `pod-${round}`))
    }
    return [
      { name: 'sandbox and container, bare Docker calls', value: median(raws), unit: 'ms' },
      { name: 'pod created to container started, image present', value: median(pods), unit: 'ms' },
      { name: 'pod start against the bare calls', value: median(pods) / median(raws), unit: 'x', aim: '< 1.3' },
    ]
  } finally {
    await engine.end('SIGTERM')
    podbay('delete', '--name', name, '--data-dir', dataDir)
    await rm(directory, { recursive: true, force: true })
  }
}

/** The end is Docker's own StartedAt, so that nothing that watches is measured. */
async function podStart(api: CoreV1Api, docker: Docker, podName: string): Promise<number> {
  const containers = [{ name: 'c', image, imagePullPolicy: 'Never', command }]
  const spec = { terminationGracePeriodSeconds: 0, automountServiceAccountToken: false, containers }
  const start = Date.now()
  await api.createNamespacedPod({ namespace, body: { metadata: { name: podName }, spec } })
  const filters = { label: [label, `io.kubernetes.pod.name=${podName}`, 'io.kubernetes.container.name=c'] }
  const started = await eventually(async () => {
    const [container] = await docker.listContainers({ filters })
    if (!container) throw new Error(`${podName} does not run`)
    return Date.parse((await docker.getContainer(container.Id).inspect()).State.StartedAt)
  })
  await api.deleteNamespacedPod({ namespace, name: podName, gracePeriodSeconds: 0 })
  return started - start
}

async function bare(docker: Docker, network: string): Promise<number> {
  const ids: string[] = []
  const run = async (HostConfig: Docker.HostConfig) => {
    const container = await docker.createContainer({ Image: image, Cmd: command, HostConfig })
    ids.unshift(container.id)
    await container.start()
    return container.id
  }
  const took = await timed(async () => {
    const sandbox = await run({ NetworkMode: network, IpcMode: 'shareable' })
    await run({ NetworkMode: `container:${sandbox}`, IpcMode: `container:${sandbox}` })
  })
  for (const id of ids) await docker.getContainer(id).remove({ force: true })
  return took
}
