import type Docker from 'dockerode'
import type { ImageInfo } from 'dockerode'
import { isDns1123Label } from '../../../shared/machinery/names.ts'
import type { RuntimeInfo } from '../runtime.ts'
import { orFault } from './engine-errors.ts'

interface EngineInfo {
  ServerVersion: string
  OSType: string
  OperatingSystem: string
  KernelVersion: string
  Architecture: string
  NCPU: number
  MemTotal: number
  SecurityOptions?: string[] | null
  Runtimes?: Record<string, unknown> | null
}

/** The names Go has for what uname calls the machine: a node's `kubernetes.io/arch`. */
const goArchitecture: Record<string, string> = { x86_64: 'amd64', aarch64: 'arm64' }

/** What the engine says of itself, in the words of a node's nodeInfo. */
export async function engineInfo(docker: Docker): Promise<RuntimeInfo> {
  const [info, images] = (await orFault('RuntimeUnavailable', Promise.all([docker.info(), docker.listImages()]))) as [
    EngineInfo,
    ImageInfo[],
  ]
  return {
    runtimeName: 'docker',
    runtimeVersion: info.ServerVersion,
    operatingSystem: info.OSType,
    osImage: info.OperatingSystem,
    kernelVersion: info.KernelVersion,
    architecture: goArchitecture[info.Architecture] ?? info.Architecture,
    cpus: info.NCPU,
    memory: info.MemTotal,
    recursiveReadOnly: mountsRecursively(info),
    // Handlers are DNS labels.
    runtimeHandlers: Object.keys(info.Runtimes ?? {})
      .filter(name => isDns1123Label(name).length === 0)
      .sort(),
    appArmor: info.SecurityOptions?.includes('name=apparmor') ?? false,
    images: images
      .map(({ RepoDigests, RepoTags, Size }) => ({ names: namesOf(RepoDigests, RepoTags), sizeBytes: Size }))
      .filter(({ names }) => names.length > 0)
      .sort((a, b) => b.sizeBytes - a.sizeBytes),
  }
}

/** Engines write `<none>` for what an image lacks, or nothing at all. */
function namesOf(...lists: (string[] | null | undefined)[]): string[] {
  return lists.flatMap(list => list ?? []).filter(name => !name.includes('<none>'))
}

/** Docker Engine can since 25.0, by mount_setattr(2) of Linux 5.12; other engines that speak its API do not say. */
function mountsRecursively({ ServerVersion, KernelVersion }: EngineInfo): boolean {
  const [major = 0, minor = 0] = KernelVersion.split('.').map(Number)
  return Number.parseInt(ServerVersion) >= 25 && (major > 5 || (major === 5 && minor >= 12))
}
