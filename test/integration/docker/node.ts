import Docker from 'dockerode'
import { afterAll, beforeAll } from 'vitest'
import { createNodeAgent, type NodeAgent } from '../../../main/kubelet/docker/agent/agent.ts'
import { createDockerRuntime } from '../../../main/kubelet/docker/docker-runtime.ts'
import { ensureNetwork } from '../../../main/kubelet/docker/network.ts'
import { removeCluster } from '../../../main/kubelet/docker/remove-cluster.ts'
import type { ContainerConfig, Runtime, Sandbox, SandboxConfig } from '../../../main/kubelet/runtime.ts'
import { containerConfig, sandboxConfig } from '../../../main/kubelet/pod/pod.fixture.ts'
import type { Clock } from '../../../shared/machinery/clock.ts'
import { silent } from '../../../shared/machinery/log.ts'

export const shell = 'podbay.test/shell:1'
const agentImage = { image: 'podbay/node-agent:2', base: 'debian:12-slim' }

export const clock: Clock = {
  now: Date.now,
  setTimeout(fn, ms) {
    const timer = setTimeout(fn, ms).unref()
    return { [Symbol.dispose]: () => clearTimeout(timer) }
  },
}

export interface TestNode extends AsyncDisposable {
  docker: Docker
  owner: { cluster: string; node: string }
  agent: NodeAgent
  runtime: Runtime
  network: () => ReturnType<typeof ensureNetwork>
  onAgentLost(listener: () => void): void
}

/** One node on the real Docker Engine, as the engine's composition root puts it together. */
export async function createTestNode(cluster: string): Promise<TestNode> {
  const docker = new Docker()
  const owner = { cluster, node: 'n1' }
  const network = () => ensureNetwork(docker, { cluster })
  const lost = new Set<() => void>()
  const agent = createNodeAgent({
    docker,
    owner,
    network,
    image: agentImage,
    log: silent,
    onProgress: () => undefined,
    onLost: () => lost.forEach(listener => listener()),
  })
  const runtime = await createDockerRuntime({ docker, owner, network, agent, log: silent, clock, random: Math.random })
  return {
    docker,
    owner,
    agent,
    runtime,
    network,
    onAgentLost: listener => void lost.add(listener),
    async [Symbol.asyncDispose]() {
      agent[Symbol.dispose]()
      await runtime[Symbol.asyncDispose]()
    },
  }
}

/** Gives the enclosing `describe` a node: there once its tests begin, and gone with all that it left on Docker after them. */
export function useTestNode(cluster: string): TestNode {
  const stack = new AsyncDisposableStack()
  const node = {} as TestNode
  beforeAll(async () => {
    Object.assign(node, stack.use(await createTestNode(cluster)))
  })
  afterAll(async () => {
    await stack.disposeAsync()
    await removeAll(cluster)
  })
  return node
}

/** A cluster's name that no other run has. */
export const clusterName = (what: string): string => `test-${what}-${process.pid}`

export const removeAll = (cluster: string): Promise<void> => removeCluster(new Docker(), cluster, agentImage)

export function runSandbox({ runtime }: TestNode, uid: string, change: Partial<SandboxConfig> = {}): Promise<Sandbox> {
  const pod = { namespace: 'default', name: uid, uid }
  return runtime.runSandbox({ ...sandboxConfig, pod, hostname: uid, ...change })
}

/** Creates and starts a container of the shell image that waits until it is stopped, unless `change` says otherwise. */
export async function runContainer(
  node: TestNode,
  sandbox: Sandbox,
  change: Partial<ContainerConfig> = {},
): Promise<string> {
  const id = await createContainer(node, sandbox, change)
  await node.runtime.startContainer(id)
  return id
}

export async function createContainer(
  { runtime }: TestNode,
  sandbox: Sandbox,
  change: Partial<ContainerConfig> = {},
): Promise<string> {
  const image = await runtime.image(shell)
  if (!image) throw new Error(`${shell} is missing: node test/images/make.ts`)
  const command = ['sh', '-c', 'trap exit TERM; while :; do sleep 60 & wait; done']
  return runtime.createContainer(sandbox, { ...containerConfig, imageId: image.id, command, ...change })
}

/** Runs a command in a container and returns all it wrote, by stream, and its exit code. */
export async function execute(
  { runtime }: TestNode,
  id: string,
  command: string[],
  input?: string,
): Promise<{ stdout: string; stderr: string; code: number }> {
  const options = { command, stdin: input !== undefined, stdout: true, stderr: true, tty: false }
  await using session = await runtime.exec(id, options)
  // The command may write before it has read all: both go on side by side.
  const written = input === undefined ? undefined : session.write(Buffer.from(input)).then(() => session.closeStdin())
  const said = { stdout: '', stderr: '' }
  for await (const { stream, data } of session.output) said[stream] += Buffer.from(data).toString()
  await written
  return { ...said, code: await session.exitCode }
}

/** Resolves with a container's record once it has ended. */
export async function ended({ runtime }: TestNode, id: string) {
  const over = Promise.withResolvers<undefined>()
  using _ = runtime.subscribe(event => {
    if (event.type === 'died' && event.containerId === id) over.resolve(undefined)
  })
  if ((await runtime.inspectContainer(id)).state !== 'exited') await over.promise
  return await runtime.inspectContainer(id)
}

export async function logsOf(
  { runtime }: TestNode,
  id: string,
  options: { tailLines?: number; limitBytes?: number; since?: number; follow?: boolean } = {},
) {
  const signal = new AbortController().signal
  let text = ''
  for await (const data of runtime.logs(id, { follow: false, timestamps: false, signal, ...options }))
    text += Buffer.from(data).toString()
  return text
}
