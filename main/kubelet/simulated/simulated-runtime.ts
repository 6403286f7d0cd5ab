import type { Clock } from '../../../shared/machinery/clock.ts'
import type { Pod } from '../../../shared/api/core.ts'
import { RuntimeFault } from '../runtime.ts'
import type {
  ContainerConfig,
  ContainerRecord,
  Image,
  PodIdentity,
  Runtime,
  RuntimeEvent,
  RuntimeInfo,
  Sandbox,
  SandboxConfig,
} from '../runtime.ts'
import { createAddresses } from './addresses.ts'
import { idOf, revive } from './revive.ts'
import { silence, silentSession } from './silence.ts'

export interface SimulatedOptions {
  clock: Clock
  /** IPv4 range of the pods' IPs, e.g. `10.244.1.0/24`. */
  podCIDR: string
  /** Pods that an earlier runtime of this node had; see `revive`. */
  pods?: readonly Pod[]
  info?: Partial<RuntimeInfo>
  /** Resolves when a pod has started; rejects if it can't. By default at once. */
  start?: (pod: SandboxConfig) => Promise<void>
  /**
   * The exit code of a container's process, as soon as it would end by itself. By default it runs until it is stopped. What
   * an earlier runtime started comes without its command. If it rejects the container runs on.
   */
  process?: (container: ContainerRecord & Partial<Pick<ContainerConfig, 'command' | 'args'>>) => Promise<number>
}

export interface SimulatedRuntime extends Runtime {
  /** Ends a running container as if its process had exited. */
  exit(containerId: string, exitCode: number): void
}

/**
 * A runtime that keeps records and runs nothing: for nodes that only exist to be scheduled to, scaled and made to fail.
 * What it is asked for happens at once, unless `start` and `process` say otherwise.
 */
export function createSimulatedRuntime({
  clock,
  podCIDR,
  pods = [],
  info,
  start,
  process,
}: SimulatedOptions): SimulatedRuntime {
  const known = revive(pods)
  const sandboxes = new Map(known.sandboxes.map(sandbox => [sandbox.id, sandbox]))
  const containers = new Map(known.containers.map(record => [record.id, record]))
  const configs = new Map<string, ContainerConfig>()
  const images = new Map<string, Image>()
  const listeners = new Set<(event: RuntimeEvent) => void>()
  /** Called when a container ends: followers of its log. */
  const waiters = new Map<string, () => void>()
  const addresses = createAddresses(podCIDR, { taken: known.sandboxes.map(({ ip }) => ip) })
  let { ids } = known

  const nextId = () => idOf(++ids)
  const found = (id: string): ContainerRecord => {
    const record = containers.get(id)
    if (!record) throw new Error(`No such container: ${id}`)
    return record
  }
  function tell(type: 'started' | 'died', { id, pod }: { id: string; pod: { uid: string } }) {
    queueMicrotask(() => {
      for (const listener of listeners) listener({ type, containerId: id, podUid: pod.uid })
    })
  }

  function exit(id: string, exitCode: number) {
    const record = found(id)
    if (record.state !== 'running') return
    const reason = exitCode === 0 ? 'Completed' : 'Error'
    containers.set(id, { ...record, state: 'exited', exitCode, reason, finishedAt: clock.now() })
    waiters.get(id)?.()
    waiters.delete(id)
    tell('died', record)
  }

  function stopSandbox(id: string) {
    const sandbox = sandboxes.get(id)
    if (sandbox?.state !== 'ready') return
    for (const record of containers.values()) if (record.sandboxId === id) exit(record.id, 137)
    addresses.release(sandbox.ip)
    sandboxes.set(id, { ...sandbox, state: 'notready', ip: '' })
    tell('died', sandbox)
  }

  function run(record: ContainerRecord) {
    const { command, args } = configs.get(record.id) ?? {}
    void process?.({ ...record, ...(command && { command }), ...(args && { args }) }).then(
      code => containers.has(record.id) && exit(record.id, code),
      () => undefined,
    )
  }
  for (const record of containers.values()) if (record.state === 'running') run(record)

  return {
    name: 'simulated',
    exit,
    async info() {
      return {
        runtimeName: 'simulated',
        runtimeVersion: '1',
        operatingSystem: 'linux',
        osImage: 'simulated',
        kernelVersion: 'none',
        architecture: 'amd64',
        cpus: 4,
        memory: 8 * 2 ** 30,
        storage: 100 * 2 ** 30,
        inodes: 6_553_600,
        processes: 1000,
        ...info,
      }
    },
    async runSandbox(config) {
      await start?.(config)
      const { pod, attempt, hostNetwork } = config
      const ip = hostNetwork ? '' : addresses.take()
      const sandbox: Sandbox = { id: nextId(), pod, attempt, state: 'ready', ip, createdAt: clock.now() }
      for (const old of sandboxes.values())
        if (old.pod.uid === pod.uid && old.attempt === attempt) sandboxes.delete(old.id)
      sandboxes.set(sandbox.id, sandbox)
      return sandbox
    },
    async stopSandbox(id) {
      stopSandbox(id)
    },
    async removeSandbox(id) {
      stopSandbox(id)
      sandboxes.delete(id)
      for (const record of [...containers.values()]) if (record.sandboxId === id) containers.delete(record.id)
    },
    async createContainer(sandbox, config) {
      if (sandboxes.get(sandbox.id)?.state !== 'ready') {
        throw new RuntimeFault('CreateContainerError', `sandbox ${sandbox.id} is not running`)
      }
      const id = nextId()
      configs.set(id, config)
      containers.set(id, {
        id,
        pod: sandbox.pod,
        sandboxId: sandbox.id,
        name: config.name,
        attempt: config.attempt,
        hash: config.hash,
        image: config.image,
        imageRef: config.imageRef,
        state: 'created',
        createdAt: clock.now(),
        startedAt: 0,
        finishedAt: 0,
        exitCode: 0,
        signal: 0,
        reason: '',
        message: '',
        terminationGracePeriodSeconds: 30,
      })
      return id
    },
    async startContainer(id) {
      const record: ContainerRecord = { ...found(id), state: 'running', startedAt: clock.now() }
      containers.set(id, record)
      tell('started', record)
      run(record)
    },
    async stopContainer(id) {
      if (containers.has(id)) exit(id, 0)
    },
    async removeContainer(id) {
      if (containers.has(id)) exit(id, 137)
      containers.delete(id)
      configs.delete(id)
    },
    async list(podUid) {
      const wanted = ({ pod }: { pod: PodIdentity }) => podUid === undefined || pod.uid === podUid
      return { sandboxes: [...sandboxes.values()].filter(wanted), containers: [...containers.values()].filter(wanted) }
    },
    async inspectContainer(id) {
      return found(id)
    },
    async updateContainer(id) {
      found(id)
    },
    async updateSandbox() {},
    async removeLeftovers() {},
    usage: async () => undefined,
    diskUsage: async () => ({ writable: 0, logs: 0, inodes: 0 }),
    async image(reference) {
      return images.get(reference)
    },
    async pullImage(reference) {
      const image: Image = { id: `simulated://${reference}`, digests: [], size: 0, user: '1000' }
      images.set(reference, image)
      return image
    },
    async images() {
      const used = new Set([...configs.values()].map(({ imageId }) => imageId))
      return [...images].map(([tag, { id, size }]) => ({ id, tags: [tag], digests: [], size, used: used.has(id) }))
    },
    async removeImage({ tags }) {
      for (const tag of tags) images.delete(tag)
      return true
    },
    imageFileSystem: async () => ({ capacityBytes: 100 * 2 ** 30, availableBytes: 100 * 2 ** 30 }),
    async exec(id) {
      return silentSession(found(id).name)
    },
    async attach(id) {
      const { name, state } = found(id)
      if (state === 'exited') throw new Error('container is in CONTAINER_EXITED state')
      return silentSession(name)
    },
    portForward: () => Promise.reject(new Error('nothing listens on a simulated node')),
    logs(id, options) {
      const { name } = found(id)
      const ended = new Promise<void>(resolve => {
        if (containers.get(id)?.state !== 'running') resolve()
        else waiters.set(id, resolve)
      })
      return silence(name, ended, options)
    },
    subscribe(listener) {
      listeners.add(listener)
      return { [Symbol.dispose]: () => listeners.delete(listener) }
    },
    async [Symbol.asyncDispose]() {
      listeners.clear()
    },
  }
}
