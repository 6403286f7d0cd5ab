import type { ContainerCreateOptions, HostConfig, MountSettings } from 'dockerode'
import type {
  ContainerConfig,
  ContainerResources,
  ContainerSecurity,
  Mount,
  Sandbox,
  SandboxConfig,
} from '../runtime.ts'
import { containerLabels, containerName, RUNTIME_HANDLER, sandboxLabels, type Labels, type Owner } from './labels.ts'
import { volumeAt } from './volume-store.ts'

const cpuPeriod = 100_000

/** What Docker is asked for: the name is always ours. */
export type NamedOptions = ContainerCreateOptions & { name: string }

interface SandboxPlace {
  image: string
  /** What the sandbox joins: the cluster's network, or `container:<agent>` for the node's own namespace. */
  network: string
  /** Containers whose IPC or process namespace is the node's, for pods that are to be in it. */
  ipcOf?: string
  processesOf?: string
  /** The cgroup of all its containers, if it has one. */
  cgroupParent?: string
  oomScoreFloor: number
}

export function sandboxOptions(
  owner: Owner,
  config: SandboxConfig,
  { image, network, ipcOf, processesOf, cgroupParent, oomScoreFloor }: SandboxPlace,
): NamedOptions {
  return {
    name: containerName(config.pod, 'POD', config.attempt),
    Image: image,
    // A container that joins another's network takes its hostname too; the engine refuses one of its own.
    ...(!config.hostNetwork && { Hostname: config.hostname }),
    Labels: sandboxLabels(owner, config),
    HostConfig: {
      NetworkMode: network,
      IpcMode: ipcOf === undefined ? 'shareable' : `container:${ipcOf}`,
      ...(processesOf !== undefined && { PidMode: `container:${processesOf}` }),
      ...(cgroupParent !== undefined && { CgroupParent: cgroupParent }),
      CpuShares: 2,
      OomScoreAdj: Math.max(-998, oomScoreFloor),
      SecurityOpt: ['no-new-privileges'],
      RestartPolicy: { Name: 'no' },
      LogConfig: { Type: 'none', Config: {} },
      ...(config.sysctls && { Sysctls: config.sysctls }),
      ...(config.runtimeHandler !== undefined && { Runtime: config.runtimeHandler }),
    },
  }
}

/** The part of what the engine tells of a sandbox. */
interface SandboxInfo {
  Config: { Labels: Labels }
  HostConfig: HostConfig
}

/**
 * What the containers of a sandbox share with it, by the sandbox's own options: what runs it, its cgroup's parent and its
 * namespaces.
 * Where it is in the node's, they are too, since the engine lets nobody join a container that has itself joined another.
 */
export function sharedWithSandbox(
  sandboxId: string,
  { Config, HostConfig: { IpcMode = '', PidMode = '', CgroupParent = '' } }: SandboxInfo,
): Pick<HostConfig, 'IpcMode' | 'PidMode' | 'CgroupParent' | 'Runtime'> {
  // Not what the engine tells of it: some name a runtime there that they don't take.
  const runtime = Config.Labels[RUNTIME_HANDLER]
  const joined = (mode: string) => mode.startsWith('container:')
  return {
    IpcMode: joined(IpcMode) ? IpcMode : `container:${sandboxId}`,
    ...(joined(PidMode) && { PidMode }),
    ...(CgroupParent !== '' && { CgroupParent }),
    ...(runtime !== undefined && { Runtime: runtime }),
  }
}

interface ContainerPlace {
  graceSeconds: string
  oomScoreFloor: number
  shared: ReturnType<typeof sharedWithSandbox>
}

/** A container that joins its sandbox's network and IPC namespaces; its restarts are the kubelet's, never the engine's. */
export function containerOptions(
  owner: Owner,
  sandbox: Sandbox,
  config: ContainerConfig,
  { graceSeconds, oomScoreFloor, shared }: ContainerPlace,
): NamedOptions {
  const { command = [], args = [] } = config
  return {
    name: containerName(sandbox.pod, config.name, config.attempt),
    Image: config.imageId,
    // The engine clears the image's Cmd when Entrypoint is given, which is also Kubernetes' rule for command.
    ...(command.length > 0 && { Entrypoint: command }),
    ...(args.length > 0 && { Cmd: args }),
    ...(config.workingDir && { WorkingDir: config.workingDir }),
    ...(config.security.user !== undefined && { User: config.security.user }),
    Env: config.env.map(({ name, value }) => `${name}=${value}`),
    Labels: containerLabels(owner, sandbox, config, graceSeconds),
    OpenStdin: config.stdin,
    StdinOnce: config.stdinOnce,
    Tty: config.tty,
    Healthcheck: { Test: ['NONE'] },
    HostConfig: {
      NetworkMode: `container:${sandbox.id}`,
      ...(config.processesOf !== undefined && { PidMode: `container:${config.processesOf}` }),
      ...shared,
      RestartPolicy: { Name: 'no' },
      LogConfig: logConfig(config),
      Mounts: config.mounts.map(mountOptions),
      ...resourceOptions(config.resources),
      OomScoreAdj: Math.max(config.resources.oomScoreAdj, oomScoreFloor),
      PidsLimit: config.processes ?? -1,
      ...securityOptions(config.security),
    },
  }
}

const logConfig = ({ logRotation }: ContainerConfig) => ({
  Type: 'json-file',
  Config: logRotation ? { 'max-size': `${logRotation.bytes}`, 'max-file': `${logRotation.files}` } : {},
})

const propagations = { HostToContainer: 'rslave', Bidirectional: 'rshared' } as const

function mountOptions({
  hostPath,
  containerPath,
  readOnly,
  propagation,
  recursiveReadOnly = false,
}: Mount): MountSettings {
  const at = { Target: containerPath, ReadOnly: readOnly }
  const bind = { ...at, Type: 'bind', Source: hostPath } as const
  const volume = volumeAt(hostPath)
  if (propagation || recursiveReadOnly) {
    const BindOptions = {
      Propagation: propagation ? propagations[propagation] : 'rprivate',
      ...(recursiveReadOnly && { ReadOnlyForceRecursive: true }),
    } as const
    return { ...bind, BindOptions }
  }
  // The engine's own choice: private, but not where its own files are, e.g. below `/`; it would refuse that.
  if (volume === undefined) return bind
  return {
    ...at,
    Type: 'volume',
    Source: volume,
    VolumeOptions: { NoCopy: true, Labels: {}, DriverConfig: { Name: 'local', Options: {} } },
  }
}

/** What a running container can be given: without a limit there is nothing to set. */
export const updateOptions = (resources: ContainerResources): HostConfig => resourceOptions(resources)

function resourceOptions({ cpuShares, cpuQuota, memoryLimit }: ContainerResources): HostConfig {
  return {
    CpuShares: cpuShares,
    ...(cpuQuota > 0 && { CpuQuota: cpuQuota, CpuPeriod: cpuPeriod }),
    // Equal values leave no swap.
    ...(memoryLimit > 0 && { Memory: memoryLimit, MemorySwap: memoryLimit }),
  }
}

function securityOptions(security: ContainerSecurity): HostConfig {
  return {
    Privileged: security.privileged,
    ReadonlyRootfs: security.readOnlyRootFilesystem,
    GroupAdd: security.groups.map(String),
    CapAdd: security.addCapabilities,
    CapDrop: security.dropCapabilities,
    SecurityOpt: [
      ...(security.allowPrivilegeEscalation ? [] : ['no-new-privileges']),
      ...(security.seccomp === true ? [] : [`seccomp=${security.seccomp || 'unconfined'}`]),
      ...(security.appArmor === undefined ? [] : [`apparmor=${security.appArmor}`]),
    ],
    ...(security.unmasked && { MaskedPaths: [], ReadonlyPaths: [] }),
  }
}
