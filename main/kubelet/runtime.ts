import type { Duplex } from 'node:stream'
import type { AttachOptions, ExecOptions, ExecSession, LogOptions } from '../../shared/machinery/streams.ts'

/**
 * What a kubelet needs of the machine that runs its containers, shaped like CRI (k8s.io/cri-api runtime.v1) so that
 * Docker and the simulated runtime are interchangeable. `runtime.cases.ts` holds the cases both must pass.
 */
export interface Runtime extends AsyncDisposable {
  readonly name: 'docker' | 'simulated'
  /** Rejects with the reason when the engine can't be reached; the node's Ready condition shows it. */
  info(): Promise<RuntimeInfo>

  /** Creates and starts a sandbox: its own network namespace and one IP. Replaces a dead one of the same attempt. */
  runSandbox(config: SandboxConfig): Promise<Sandbox>
  /** Kills whatever still runs in it. No error if it is gone. */
  stopSandbox(id: string): Promise<void>
  /** Removes it with all its containers. No error if it is gone. */
  removeSandbox(id: string): Promise<void>

  /** Returns the container's id. Throws RuntimeFault `CreateContainerError` or `CreateContainerConfigError`. */
  createContainer(sandbox: Sandbox, config: ContainerConfig): Promise<string>
  /** Throws RuntimeFault `RunContainerError`, e.g. when the command isn't there. */
  startContainer(id: string): Promise<void>
  /** SIGTERM (or the image's stop signal), then SIGKILL after `graceSeconds`. No error if it is not running. */
  stopContainer(id: string, graceSeconds: number): Promise<void>
  removeContainer(id: string): Promise<void>
  /** Gives a running container other shares and limits without a restart. */
  updateContainer(id: string, resources: ContainerResources): Promise<void>
  /** Gives all containers of a sandbox other limits together; nothing happens to one that was made without any. */
  updateSandbox(id: string, resources: PodResources): Promise<void>

  /** Removes what pods other than these left beside sandboxes and containers; what is in use stays. */
  removeLeftovers(podUids: ReadonlySet<string>): Promise<void>

  /**
   * Every sandbox and container of this node or of one of its pods, running or not, from labels alone: what adoption and
   * clean-up start from.
   */
  list(podUid?: string): Promise<{ sandboxes: Sandbox[]; containers: ContainerRecord[] }>
  /** Rejects if it is gone. */
  inspectContainer(id: string): Promise<ContainerRecord>

  /** What a running container or sandbox uses; undefined of one that does not run. */
  usage(id: string): Promise<ContainerUsage | undefined>
  /** What a container has written. It takes long where there is much: asked only where somebody wants to know. */
  diskUsage(id: string): Promise<DiskUsage>

  /** Undefined if the engine has no such image. Throws RuntimeFault `ImageInspectError` where it can't tell. */
  image(reference: string): Promise<Image | undefined>
  /** The reference has a tag or a digest. Throws RuntimeFault `ErrImagePull` or `RegistryUnavailable` with the registry's own words. */
  pullImage(reference: string, options: PullOptions): Promise<Image>
  /** All that the engine has, whoever brought them. */
  images(): Promise<ListedImage[]>
  /** Takes the names from it by which it was listed, and with the last one the image. False if somebody needs it; no error if it is gone. */
  removeImage(image: ListedImage): Promise<boolean>
  /** The file system that images are on. */
  imageFileSystem(): Promise<{ capacityBytes: number; availableBytes: number }>

  /** Starts a command in a running container. */
  exec(id: string, options: ExecOptions): Promise<ExecSession>
  /** Connects with the streams of a running container's own process; whether it has a terminal is the container's affair. */
  attach(id: string, options: AttachOptions): Promise<ExecSession>
  /** A connection to a port of the sandbox's loopback; where nothing listens it breaks with the reason. */
  portForward(sandboxId: string, port: number): Promise<Duplex>
  /** Ends when the container ends, or at once without `follow`. */
  logs(id: string, options: LogOptions): AsyncIterable<Uint8Array>

  /**
   * Calls `listener` for each container that starts, dies or runs out of memory (for a sandbox that dies too: its id
   * is then the `containerId`), and with `resync` whenever events
   * may have been missed (the connection to the engine was lost and is back). Nothing is polled.
   */
  subscribe(listener: (event: RuntimeEvent) => void): Disposable
}

export interface RuntimeInfo {
  /** e.g. `docker` */
  runtimeName: string
  runtimeVersion: string
  operatingSystem: string
  osImage: string
  kernelVersion: string
  architecture: string
  /** Whether it can confine containers by AppArmor. */
  appArmor?: boolean
  /** Whether a mount can be read-only with all that is mounted below it. */
  recursiveReadOnly?: boolean
  /** What it can run pods by; see SandboxConfig. */
  runtimeHandlers?: string[]
  /** CPUs and bytes of the whole engine. */
  cpus: number
  memory: number
  /** Bytes and inodes of the file system that pods' files are on, where they are known. */
  storage?: number
  inodes?: number
  /** How many processes its kernel can have. */
  processes?: number
  /** What the engine has, the largest first: references and bytes. */
  images?: { names: string[]; sizeBytes: number }[]
}

/** What labels tell of a sandbox or container after a restart of everything else. */
export interface PodIdentity {
  namespace: string
  name: string
  uid: string
}

export interface SandboxConfig {
  pod: PodIdentity
  attempt: number
  hostname: string
  labels: Record<string, string>
  annotations: Record<string, string>
  /** Whether it is in the node's namespaces instead of its own. */
  hostNetwork: boolean
  hostPID: boolean
  hostIPC: boolean
  sysctls?: Record<string, string>
  /** What runs its containers, by the engine's name for it; undefined: the engine's default. */
  runtimeHandler?: string
  /** What its containers may use together; undefined: they are limited one by one. */
  resources?: PodResources
  /** Kept as a label: stopping must work without the pod object. */
  terminationGracePeriodSeconds: number
}

export interface Sandbox {
  id: string
  pod: PodIdentity
  attempt: number
  state: 'ready' | 'notready'
  /** '' while it is not running. */
  ip: string
  createdAt: number
}

export interface ContainerConfig {
  name: string
  attempt: number
  /** FNV-32a over name and image (kubelet's pickFieldsToHash); a mismatch means the definition changed. */
  hash: string
  /** The reference asked for, which the record tells again: an image may have many names, or lose the one it had. */
  image: string
  /** What to run: the image id that `image()` or `pullImage()` returned. */
  imageId: string
  /** What the record tells of it: its name by digest, or its id. */
  imageRef: string
  /** Docker's Entrypoint; undefined keeps the image's. Setting it clears the image's Cmd. */
  command?: string[]
  args?: string[]
  workingDir?: string
  env: { name: string; value: string }[]
  mounts: Mount[]
  stdin: boolean
  stdinOnce: boolean
  tty: boolean
  resources: ContainerResources
  security: ContainerSecurity
  /** The file that is read for the termination message; it exists, empty, before the container starts. */
  terminationMessagePath: string
  terminationMessagePolicy: 'File' | 'FallbackToLogsOnError'
  /** Processes that it may have at a time; undefined: as many as the engine allows. */
  processes?: number
  /** When its log file is rotated, and how many there are then, the one in use included; undefined: never. */
  logRotation?: { bytes: number; files: number }
  /** The container or sandbox whose processes it sees and is seen by; its own if left out. */
  processesOf?: string
}

export interface Mount {
  containerPath: string
  /** A path on the engine's host. */
  hostPath: string
  readOnly: boolean
  /** Whether mounts that come later below one of both sides reach the other; neither does if left out. */
  propagation?: 'HostToContainer' | 'Bidirectional'
  /** Read-only with all that is mounted below it: see RuntimeInfo. */
  recursiveReadOnly?: boolean
}

export interface ContainerResources {
  cpuShares: number
  /** Microseconds per 100 ms; 0 means no limit. */
  cpuQuota: number
  /** Bytes; 0 means no limit. Swap is never granted. */
  memoryLimit: number
  oomScoreAdj: number
}

/** What the containers of a pod may use together, where the engine lets them be limited so. */
export interface PodResources extends Omit<ContainerResources, 'oomScoreAdj'> {
  /** Bytes by the size of a page. */
  hugePages: ReadonlyMap<number, number>
  /** At a time; undefined: as many as the engine allows. */
  processes?: number
}

export interface ContainerSecurity {
  user?: string
  groups: number[]
  privileged: boolean
  readOnlyRootFilesystem: boolean
  allowPrivilegeEscalation: boolean
  addCapabilities: string[]
  dropCapabilities: string[]
  /** False: no system call is filtered; true: as the engine filters by itself; else by a profile, in JSON. */
  seccomp: boolean | string
  /** An AppArmor profile, `unconfined` for none; the engine's own if left out. */
  appArmor?: string
  /** Whether it may see and write what the engine hides of /proc and /sys. */
  unmasked: boolean
}

export interface ContainerRecord {
  id: string
  pod: PodIdentity
  sandboxId: string
  name: string
  attempt: number
  hash: string
  /** What was asked for, and what it was: see ContainerConfig. */
  image: string
  imageRef: string
  state: 'created' | 'running' | 'exited'
  /** Milliseconds since the epoch; 0 if it did not happen. */
  createdAt: number
  startedAt: number
  finishedAt: number
  exitCode: number
  signal: number
  /** Completed, Error, OOMKilled, StartError. */
  reason: string
  /** The engine's error, or the termination message once exited. */
  message: string
  terminationGracePeriodSeconds: number
}

/** What a container uses; a sandbox's network is that of its pod. */
export interface ContainerUsage {
  /** Milliseconds since the epoch. */
  at: number
  /** Nanoseconds of CPU time since it was started. */
  cpuNanos: number
  /** Bytes; the working set is what can't be reclaimed at once. */
  memory: { usageBytes: number; workingSetBytes: number; rssBytes: number; pageFaults: number; majorPageFaults: number }
  network?: { rxBytes: number; rxErrors: number; txBytes: number; txErrors: number }
  processes: number
}

/** Bytes, and the files of both. */
export interface DiskUsage {
  /** The container's own layer above its image. */
  writable: number
  logs: number
  inodes: number
}

export interface Image {
  id: string
  /** `name@sha256:...` where known. */
  digests: string[]
  /** Bytes. */
  size: number
  /** The image's own USER, for runAsNonRoot. */
  user: string
}

export interface ListedImage {
  id: string
  /** Its names, as the engine writes them: `nginx:1`, `nginx@sha256:...`. */
  tags: string[]
  digests: string[]
  /** Bytes. */
  size: number
  /** Whether any container of the engine is made of it, running or not. */
  used: boolean
}

export interface PullOptions {
  auth?: { username: string; password: string; serveraddress: string }
  /** One line of progress, e.g. `12 of 48 MB`; called at most a few times a second. */
  onProgress(line: string): void
  signal: AbortSignal
}

/** Of a container or a sandbox. */
export interface ContainerEvent {
  type: 'started' | 'died' | 'oom'
  containerId: string
  podUid: string
}

export type RuntimeEvent = ContainerEvent | { type: 'resync' } | { type: 'unreachable'; message: string }

export type RuntimeReason =
  | 'CreateContainerConfigError'
  | 'CreateContainerError'
  | 'RunContainerError'
  | 'CreatePodSandboxError'
  | 'ErrImagePull'
  | 'RegistryUnavailable'
  | 'ImageInspectError'
  | 'ErrImageNeverPull'
  | 'InvalidImageName'
  | 'RuntimeUnavailable'

/** A failure that the user must see as a container's waiting reason and message. */
export class RuntimeFault extends Error {
  override readonly name = 'RuntimeFault'
  readonly reason: RuntimeReason

  constructor(reason: RuntimeReason, message: string) {
    super(message)
    this.reason = reason
  }
}
