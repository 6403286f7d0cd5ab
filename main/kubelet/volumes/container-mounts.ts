import type { Container, Pod, Volume } from '../../../shared/api/core.ts'
import { expand } from '../environment/expand.ts'
import type { VolumeHost } from '../host.ts'
import { RuntimeFault, type Mount } from '../runtime.ts'
import { resolveRecursiveReadOnly } from './recursive-read-only.ts'

type VolumeMount = NonNullable<Container['volumeMounts']>[number]

interface Input {
  pod: Pod
  container: Container
  /** Host paths by volume. */
  volumes: ReadonlyMap<string, string>
  /** The container's environment. */
  values: ReadonlyMap<string, string>
  host: VolumeHost
  /** See RuntimeInfo. */
  recursiveReadOnly: boolean
}

/** Where a container's volumes are mounted, and how (kubelet_pods.go, makeMounts). Throws RuntimeFault `CreateContainerConfigError`. */
export async function containerMounts(input: Input): Promise<Mount[]> {
  const { pod, container, volumes, recursiveReadOnly } = input
  const mounts: Mount[] = []
  for (const [index, mount] of (container.volumeMounts ?? []).entries()) {
    const { name, mountPath, mountPropagation = 'None' } = mount
    const volume = (pod.spec.volumes ?? []).find(each => each.name === name)
    const path = volumes.get(name)
    if (!volume || path === undefined)
      throw configError(`cannot find volume "${name}" to mount into container "${container.name}"`)
    const recursive = resolveRecursiveReadOnly(mount, recursiveReadOnly)
    if (typeof recursive === 'string') throw configError(`failed to resolve recursive read-only mode: ${recursive}`)
    mounts.push({
      containerPath: mountPath.startsWith('/') ? mountPath : `/${mountPath}`,
      hostPath: await below(volume, { path, mount, index, input }),
      readOnly: (mount.readOnly ?? false) || isReadOnly(volume),
      ...(isShared(mountPropagation) && { propagation: mountPropagation }),
      ...(recursive && { recursiveReadOnly: true }),
    })
  }
  return mounts
}

const isShared = (mode: string): mode is NonNullable<Mount['propagation']> => mode !== 'None'

interface Below {
  /** Of the volume. */
  path: string
  mount: VolumeMount
  index: number
  input: Input
}

/** The host path of what a mount's subPath, if it has one, names in a volume. Why there is none would tell of the host: it is not said. */
async function below(volume: Volume, { path, mount, index, input }: Below): Promise<string> {
  const subPath = mount.subPathExpr ? expanded(mount.subPathExpr, input.values) : (mount.subPath ?? '')
  if (subPath === '') return path
  if (subPath.startsWith('/')) throw configError(`error SubPath \`${subPath}\` must not be an absolute path`)
  if (subPath.split('/').includes('..'))
    throw configError(`unable to provision SubPath \`${subPath}\`: must not contain '..'`)
  const { pod, container, host } = input
  const options = {
    podUid: pod.metadata.uid,
    name: `${mount.name}/${container.name}/${index}`,
    // An image has what it has.
    ...(volume.image && { existing: true }),
  }
  try {
    return await host.subPath(path, subPath, options)
  } catch {
    throw configError(`failed to prepare subPath for volumeMount "${mount.name}" of container "${container.name}"`)
  }
}

/** A subPathExpr's variables must all have values (kubelet/container/helpers.go, ExpandContainerVolumeMounts). */
function expanded(expression: string, values: ReadonlyMap<string, string>): string {
  const missing = new Set<string>()
  const path = expand(expression, name => {
    const value = values.get(name) ?? ''
    if (value === '') missing.add(name)
    return value
  })
  if (missing.size > 0) throw configError(`missing value for ${[...missing].sort().join(', ')}`)
  return path
}

/**
 * What is the kubelet's to write, or nobody's: read-only for containers whatever they ask for (CVE-2017-1002102). The
 * source of a volume may say it for the whole pod.
 */
const isReadOnly = ({ configMap, secret, downwardAPI, projected, image, nfs, persistentVolumeClaim: claim }: Volume) =>
  (configMap ?? secret ?? downwardAPI ?? projected ?? image) !== undefined ||
  (claim?.readOnly ?? false) ||
  (nfs?.readOnly ?? false)

const configError = (message: string) => new RuntimeFault('CreateContainerConfigError', message)
