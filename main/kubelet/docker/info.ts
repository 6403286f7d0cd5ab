import type Docker from 'dockerode'
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
}

/** The names Go has for what uname calls the machine: a node's `kubernetes.io/arch`. */
const goArchitecture: Record<string, string> = { x86_64: 'amd64', aarch64: 'arm64' }

/** What the engine says of itself, in the words of a node's nodeInfo. */
export async function engineInfo(docker: Docker): Promise<RuntimeInfo> {
  const info = (await orFault('RuntimeUnavailable', docker.info())) as EngineInfo
  return {
    runtimeName: 'docker',
    runtimeVersion: info.ServerVersion,
    operatingSystem: info.OSType,
    osImage: info.OperatingSystem,
    kernelVersion: info.KernelVersion,
    architecture: goArchitecture[info.Architecture] ?? info.Architecture,
    cpus: info.NCPU,
    memory: info.MemTotal,
  }
}
