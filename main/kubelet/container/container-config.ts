import type { Container, Pod } from '../../../shared/api/core.ts'
import type { KubeletConfiguration } from '../configuration/kubelet-configuration.ts'
import { containerHash } from './container-hash.ts'
import { podDns, resolvConf } from './dns.ts'
import { containerEnvironment } from '../environment/environment.ts'
import { expand } from '../environment/expand.ts'
import type { PodFacts } from '../environment/field-ref.ts'
import { hostsFile } from './hosts-file.ts'
import type { VolumeHost } from '../host.ts'
import type { ObjectReader } from '../object-reader.ts'
import { valueOf } from '../resources/quantities.ts'
import { containerResources } from '../resources/resources.ts'
import { imageRef, withDefaultTag } from '../images/reference.ts'
import type { ContainerConfig, Image, Mount } from '../runtime.ts'
import { seccompFilter } from './seccomp.ts'
import { containerSecurity } from './security.ts'
import type { KubeletSettings } from '../settings.ts'
import { containerMounts } from '../volumes/container-mounts.ts'

export interface ConfigInput {
  pod: Pod
  container: Container
  attempt: number
  image: Image
  facts: PodFacts
  /** Host paths by volume. */
  volumes: Map<string, string>
  services: Map<string, string>
  /** Bytes. */
  nodeMemory: number
  host: VolumeHost
  /** See RuntimeInfo. */
  recursiveReadOnly: boolean
  read: ObjectReader
  settings: KubeletSettings
  /** See ContainerConfig. */
  processesOf?: string
}

const defaultTerminationLog = '/dev/termination-log'

/**
 * All that the runtime must know to create a container (kuberuntime_container.go, generateContainerConfig).
 * Throws RuntimeFault `CreateContainerConfigError`.
 */
export async function containerConfig(input: ConfigInput): Promise<ContainerConfig> {
  const { pod, container, image } = input
  const reference = withDefaultTag(container.image ?? '')
  const env = await containerEnvironment(input)
  const values = new Map(env.map(({ name, value }) => [name, value]))
  const expanded = (text: string) => expand(text, name => values.get(name))
  return {
    name: container.name,
    attempt: input.attempt,
    hash: containerHash(container),
    image: reference,
    imageId: image.id,
    imageRef: imageRef(reference, image),
    ...(container.command && container.command.length > 0 && { command: container.command.map(expanded) }),
    ...(container.args && container.args.length > 0 && { args: container.args.map(expanded) }),
    ...(container.workingDir && { workingDir: container.workingDir }),
    env,
    mounts: [...(await containerMounts({ ...input, values })), ...(await managedFiles(input))],
    stdin: container.stdin ?? false,
    stdinOnce: container.stdinOnce ?? false,
    tty: container.tty ?? false,
    resources: containerResources(pod, container, input.nodeMemory),
    security: {
      ...containerSecurity(pod, container, image),
      seccomp: await seccompFilter(pod, container, {
        byDefault: input.settings.configuration.seccompDefault,
        directory: input.settings.seccompProfiles,
      }),
    },
    terminationMessagePath: container.terminationMessagePath ?? defaultTerminationLog,
    terminationMessagePolicy:
      container.terminationMessagePolicy === 'FallbackToLogsOnError' ? 'FallbackToLogsOnError' : 'File',
    ...limitsOf(input.settings.configuration),
    ...(input.processesOf !== undefined && { processesOf: input.processesOf }),
  }
}

function limitsOf({ podPidsLimit, containerLogMaxSize, containerLogMaxFiles: files }: KubeletConfiguration) {
  const bytes = valueOf(containerLogMaxSize)
  return {
    // Of each container, since the engine knows no pods.
    ...(podPidsLimit > 0 && { processes: podPidsLimit }),
    ...(bytes > 0 && { logRotation: { bytes, files } }),
  }
}

/** Files that belong to the kubelet unless the pod mounts its own there; each attempt has its own termination message. */
async function managedFiles({ pod, container, attempt, host, facts, settings }: ConfigInput): Promise<Mount[]> {
  const own = new Set((container.volumeMounts ?? []).map(m => m.mountPath))
  const files = [
    {
      name: 'hosts',
      path: '/etc/hosts',
      mode: 0o644,
      text: () => hostsFile(pod, { ip: facts.ip, clusterDomain: settings.clusterDomain }),
    },
    { name: 'resolv.conf', path: '/etc/resolv.conf', mode: 0o644, text: () => resolvConf(podDns(pod, settings)) },
    {
      name: `containers/${container.name}/${attempt}`,
      path: container.terminationMessagePath ?? defaultTerminationLog,
      // Whatever user the process runs as writes it (kuberuntime_container.go, makeMounts).
      mode: 0o666,
      text: () => '',
    },
  ]
  const wanted = files.filter(f => !own.has(f.path))
  const hostPaths = await host.files(
    pod.metadata.uid,
    wanted.map(({ name, mode, text }) => ({ name, mode, text: text() })),
  )
  return wanted.map(({ path }, index) => ({ containerPath: path, hostPath: hostPaths[index] ?? '', readOnly: false }))
}
