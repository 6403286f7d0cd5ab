import type { Container, ContainerStatus } from '../../../shared/api/core.ts'

type VolumeMount = NonNullable<Container['volumeMounts']>[number]

/**
 * Whether a mount, with all that is mounted below it, is read-only (KEP-3857; kubelet_pods.go, resolveRecursiveReadOnly);
 * why it can't be what it asks for, if so. `supported`: by the runtime.
 */
export function resolveRecursiveReadOnly(mount: VolumeMount, supported: boolean): boolean | string {
  const { name, recursiveReadOnly: mode = 'Disabled', readOnly, mountPropagation = 'None' } = mount
  if (mode === 'Disabled') return false
  const asked = `volume "${name}" requested recursive read-only mode, but it is not`
  if (!readOnly) return `${asked} read-only`
  if (mountPropagation !== 'None') return `${asked} compatible with propagation "${mountPropagation}"`
  return mode === 'Enabled' && !supported ? `${asked} supported by the runtime` : supported
}

/** What a container's status tells of its mounts (kubelet_pods.go, convertToAPIContainerStatuses). */
export function mountStatuses(
  { volumeMounts = [] }: Container,
  supported: boolean,
): Pick<ContainerStatus, 'volumeMounts'> {
  if (volumeMounts.length === 0) return {}
  return {
    volumeMounts: volumeMounts.map(mount => ({
      name: mount.name,
      mountPath: mount.mountPath,
      ...(mount.readOnly && {
        readOnly: true,
        recursiveReadOnly: resolveRecursiveReadOnly(mount, supported) === true ? 'Enabled' : 'Disabled',
      }),
    })),
  }
}
