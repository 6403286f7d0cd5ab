import type { RuntimeInfo } from '../../runtime.ts'
import type Docker from 'dockerode'
import type { ContainerInspectInfo, HostConfig } from 'dockerode'
import type { Duplex } from 'node:stream'
import { hashValue } from '../../../../shared/machinery/hash.ts'
import type { Logger } from '../../../../shared/machinery/log.ts'
import { demultiplex } from '../demultiplex.ts'
import { removalInProgress, unlessGone } from '../engine-errors.ts'
import { lazily } from '../lazily.ts'
import { labelFilter, ownerLabels, type Owner } from '../labels.ts'
import type { ClusterNetwork } from '../network.ts'
import { ensureAgentImage, type AgentImageSettings } from './image.ts'
import { createShell, type ScriptResult } from './shell.ts'
import { agentRights, engineProcess, hostRoot, shareHostRoot } from './host-root.ts'

/**
 * The one container of a node that may do what the host may: everything that has to happen on the engine's host (files, mounts, rules in
 * pods' network namespaces) is done in it, so that a local engine, a virtual machine's and a remote one work alike. Its
 * network namespace is the node's "host network", its IPC namespace the node's. It is made on first use, adopted after an engine restart and made
 * again when it is gone.
 */
export interface NodeAgent extends Disposable {
  /** Runs a script in the agent's `sh` (busybox), after those given before it. Rejects only if the agent can't be reached. */
  run(script: string): Promise<ScriptResult>
  /** Runs a script and throws with its output if it fails. */
  mustRun(script: string): Promise<string>
  /** Runs what may take long beside all other scripts, in a shell of its own, and returns what it wrote. */
  runAside(script: string): Promise<string>
  /** The id of the running agent container. */
  containerId(): Promise<string>
  /** The node's address on the cluster network. */
  address(): Promise<string>
  /** What the engine's host has for pods: see RuntimeInfo. */
  limits(): Promise<Required<Pick<RuntimeInfo, 'storage' | 'inodes' | 'processes'>>>
  /** The lowest OOM score the engine may give a container: below 0 it needs CAP_SYS_RESOURCE. */
  oomScoreFloor: () => Promise<number>
  /** A command in the agent with its own stream, multiplexed as the engine sends it. */
  stream(command: string[]): Promise<Duplex>
}

interface AgentOptions {
  docker: Docker
  owner: Owner
  network: () => Promise<ClusterNetwork>
  image: AgentImageSettings
  log: Logger
  /** What takes long (building the image), for people. */
  onProgress: (line: string) => void
  /** The agent's container ended, or its engine: whatever was in its network namespace is gone. */
  onLost: () => void
}

/** Bit of CAP_SYS_RESOURCE in a capability set (linux/capability.h). */
const sysResource = 1n << 24n

export const AGENT = 'podbay.agent'
/** A digest of what the agent was made with: one that an earlier version made otherwise is made again. */
const AGENT_HASH = 'podbay.agent.hash'

/** Name of a node's agent container. */
const agentName = ({ cluster, node }: Owner): string => `podbay_agent_${cluster}_${node}`

export function createNodeAgent(options: AgentOptions): NodeAgent {
  const { docker } = options
  const stop = new AbortController()
  const connection = lazily(start)
  async function start() {
    const { Id: id } = await ensureAgent(options)
    const shell = createShell(await openStream(docker, id, ['sh']))
    void shell.closed.then(() => {
      connection.forget()
      if (!stop.signal.aborted) options.onLost()
    })
    // When a container dies the engine may keep the streams of its commands open for ever; it tells who waits for it.
    const died = docker.getContainer(id).wait({ abortSignal: stop.signal }) as Promise<unknown>
    void died.catch(() => undefined).then(() => shell[Symbol.dispose]())
    return { id, shell }
  }
  const run = async (script: string) => (await connection.get()).shell.run(script)

  async function mustRun(script: string) {
    const { code, output } = await run(script)
    const text = output.toString()
    if (code !== 0) throw new Error(text.trim() || `the node agent's script ended with code ${code}`)
    return text
  }

  /** Asked once: what the engine's process may do does not change while it runs. */
  const floor = lazily(async () => {
    const capabilities = await mustRun(`awk '/^CapEff/ { print $2 }' /proc/${engineProcess}/status`)
    return (BigInt(`0x${capabilities.trim()}`) & sysResource) === 0n ? 0 : -1000
  })

  return {
    run,
    mustRun,
    async runAside(script) {
      const stream = await openStream(docker, (await connection.get()).id, ['sh', '-c', script])
      stream.end()
      let text = ''
      for await (const { stream: kind, data } of demultiplex(stream))
        if (kind === 'stdout') text += Buffer.from(data).toString()
      return text
    },
    containerId: async () => (await connection.get()).id,
    async address() {
      const { id } = await connection.get()
      const { NetworkSettings } = await docker.getContainer(id).inspect()
      return Object.values(NetworkSettings.Networks)[0]?.IPAddress ?? ''
    },
    async limits() {
      const script = `stat -f -c '%S %b %c' ${hostRoot}; cat /proc/sys/kernel/pid_max /proc/sys/kernel/threads-max`
      const [block = 0, blocks = 0, inodes = 0, pids = 0, threads = 0] = (await mustRun(script)).split(/\s/).map(Number)
      return { storage: block * blocks, inodes, processes: Math.min(pids, threads) }
    },
    oomScoreFloor: floor.get,
    stream: async command => openStream(docker, (await connection.get()).id, command),
    [Symbol.dispose]() {
      stop.abort()
    },
  }
}

async function openStream(docker: Docker, id: string, command: string[]): Promise<Duplex> {
  const exec = await docker
    .getContainer(id)
    .exec({ Cmd: command, AttachStdin: true, AttachStdout: true, AttachStderr: true })
  return exec.start({ hijack: true, stdin: true })
}

/** Of every node's agent, beside its network. */
const hostConfig: HostConfig = {
  ...agentRights,
  IpcMode: 'shareable',
  RestartPolicy: { Name: 'no' },
  LogConfig: { Type: 'none', Config: {} },
  // Host ports on the node's loopback lead to pods.
  Sysctls: { 'net.ipv4.conf.all.route_localnet': '1' },
  // Mounts made below it must reach the engine, and so the containers it starts.
  Binds: [`${hostRoot}:${hostRoot}:rshared`],
}

async function ensureAgent(options: AgentOptions): Promise<ContainerInspectInfo> {
  const { docker, owner, image, log, onProgress } = options
  const name = agentName(owner)
  const labels = { ...ownerLabels(owner), [AGENT]: 'node' }
  const known = await unlessGone(docker.getContainer(name).inspect())
  await removeLeftovers(docker, owner, known?.Id)
  const hash = `${hashValue({ image: image.image, hostConfig })}`
  if (known?.State.Running && known.Config.Labels[AGENT_HASH] === hash) return known
  if (known) await unlessGone(docker.getContainer(known.Id).remove({ force: true, v: true }), removalInProgress)
  const reference = await ensureAgentImage(docker, image, { log, onProgress })
  const network = await options.network()
  const container = await docker.createContainer({
    name,
    Image: reference,
    Hostname: owner.node,
    Labels: { ...labels, [AGENT_HASH]: hash },
    HostConfig: { ...hostConfig, NetworkMode: network.name },
  })
  try {
    await container.start()
  } catch (error) {
    log.info('Cannot start the node agent; sharing its directory for mounts', { error })
    await shareHostRoot(docker, { image: reference, labels })
    await container.start()
  }
  onProgress('Node agent is running')
  return container.inspect()
}

/** A container that helped to make an agent, or to remove the node, stays if Docker or this engine is killed meanwhile. */
async function removeLeftovers(docker: Docker, owner: Owner, agent: string | undefined): Promise<void> {
  const label = [...labelFilter(ownerLabels(owner)), AGENT]
  const found = await docker.listContainers({ all: true, filters: { label } })
  const others = found.filter(({ Id }) => Id !== agent)
  await Promise.all(
    others.map(({ Id }) => unlessGone(docker.getContainer(Id).remove({ force: true, v: true }), removalInProgress)),
  )
}
