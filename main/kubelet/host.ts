import type { Sandbox } from './runtime.ts'

/** A file of a volume: a path below the volume's root, its bytes and its mode. */
export interface VolumeFile {
  path: string
  data: Uint8Array
  mode: number
  /** The uid it belongs to; root's if there is none. */
  user?: number
}

/** A file of a pod's own: a path below the pod's directory, and its mode where it is new: 0644 or 0666. */
interface PodFile {
  name: string
  text: string
  mode: number
}

/** Bytes and inodes: what a volume's files take, and the file system that they are on. */
export interface VolumeUsage {
  usedBytes: number
  inodesUsed: number
  capacityBytes: number
  availableBytes: number
  inodes: number
  inodesFree: number
  /** On tmpfs: it takes the pod's memory, not the node's disk. */
  inMemory: boolean
}

/** The group that may read and write a volume. `always`: look at all of it even if its root is the group's already. */
export interface GroupOwnership {
  id: number
  always: boolean
}

export interface NfsSource {
  server: string
  path: string
  options: readonly string[]
}

/**
 * A pod's directories on the engine's host (`/var/lib/podbay/<cluster>/<node>/pods/<uid>`), reached through the node
 * agent so that Docker Desktop's VM and remote engines work alike.
 */
export interface VolumeHost {
  /** A directory for a volume, made empty if it is not there yet, mode 0777 as emptyDir's; returns its path on the engine's host. `tmpfs` bytes: 0 for no limit. */
  directory(podUid: string, volume: string, options: { tmpfs?: { sizeLimit: number }; group?: number }): Promise<string>
  /**
   * Replaces a volume's files in one step, as upstream's atomic writer: a timestamped directory behind the symlink
   * `..data`, so that readers see all of the old or all of the new. On tmpfs if `secret`. Returns the host path.
   */
  project(
    podUid: string,
    volume: string,
    files: VolumeFile[],
    options: {
      secret: boolean
      group?: number
      /** Empty directories beside the files, on which other volumes are mounted. */
      nested?: readonly string[]
    },
  ): Promise<string>
  /**
   * A host path that is bound to `path` below a volume's host path, whatever takes that one's place later; `name` tells it
   * from the pod's others, and asked for again it is bound anew. What is missing is made as directories with the volume's
   * own mode and group, unless `existing`: then it rejects. Rejects if a link leads out of the volume (upstream's SafeMakeDir
   * and PrepareSafeSubpath).
   */
  subPath(
    volumePath: string,
    path: string,
    options: { podUid: string; name: string; existing?: boolean },
  ): Promise<string>
  /**
   * Checks that a path of the node is of a hostPath volume's `type`, and makes what `...OrCreate` asks for; '' makes a
   * missing directory, as container runtimes do. Returns its host path: its own, but of what a node does not share with the
   * host. Rejects with upstream's text (pkg/volume/hostpath, checkTypeInternal).
   */
  hostPath(path: string, type: string): Promise<string>
  /**
   * Checks that a directory outside the pod's own is there and gives it, with all that is in it, to a group. Returns the
   * path itself, or that of a mount of its own with options of mount(8). Rejects with upstream's text (pkg/volume/local, SetUpAt).
   */
  localPath(
    path: string,
    options: { group?: GroupOwnership; bound?: { podUid: string; volume: string; options: readonly string[] } },
  ): Promise<string>
  /**
   * Mounts a directory of an NFS server for a pod; returns its path on the engine's host. `options` are those of mount(8).
   * Rejects with the engine's reason.
   */
  nfs(podUid: string, volume: string, source: NfsSource): Promise<string>
  /** The files of an image that the engine has, by its id, as a directory that nobody may write; returns its host path. */
  image(podUid: string, volume: string, imageId: string): Promise<string>
  /** Writes plain files outside any volume (/etc/hosts, /etc/resolv.conf, a termination log); returns their host paths. */
  files(podUid: string, files: PodFile[]): Promise<string[]>
  /** A file below a volume's host path, at most 1 MiB of it. Rejects if there is none, or a link leads out of the volume. */
  read(volumePath: string, path: string): Promise<Uint8Array>
  /** What each volume of a pod takes, by name. */
  usage(podUid: string): Promise<Map<string, VolumeUsage>>
  /** Unmounts and removes everything of a pod. No error if there is nothing. */
  removePod(podUid: string): Promise<void>
  /** Uids of pods that have directories: leftovers are found with it after a restart. */
  pods(): Promise<string[]>
}

/** A port of the node that leads to a pod's. */
export interface HostPort {
  /** `0.0.0.0` for all of the node's addresses. */
  hostIP: string
  hostPort: number
  containerPort: number
  protocol: string
}

/**
 * What CNI is to upstream's kubelet: told of each sandbox after it has its IP and before any container of the pod starts,
 * and once more of those that a restarted kubelet adopts. Pods on the host's network are not mentioned.
 */
export interface PodNetwork {
  /** `ports`: those of the node that lead to the pod. */
  setUp(sandbox: Sandbox, ports: readonly HostPort[]): Promise<void>
  tearDown(sandbox: Sandbox): Promise<void>
}
