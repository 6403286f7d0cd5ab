import type { Container } from '../../../../shared/api/core.ts'
import type { StatusCause } from '../../../../shared/api/object.ts'
import {
  child,
  forbidden,
  index,
  invalid,
  notFoundValue,
  notSupported,
  required,
} from '../../../../shared/machinery/field-errors.ts'
import { repeats } from '../../faults.ts'
import { validateDescendingPath } from '../path-validation.ts'
import type { PodVolume } from '../pod/pod-spec.ts'

type Mount = NonNullable<Container['volumeMounts']>[number]

/** The well-formed volumes of a pod by name. */
export type Volumes = ReadonlyMap<string, PodVolume>

/** Faults of where volumes are mounted (ValidateVolumeMounts). */
export function validateMounts(
  container: Container,
  { path, volumes }: { path: string; volumes: Volumes },
): StatusCause[] {
  const mounts = container.volumeMounts ?? []
  const devices = container.volumeDevices ?? []
  const repeated = repeats(mounts, ({ mountPath }) => mountPath)
  return mounts.flatMap((mount, i) => {
    const at = index(path, i)
    const { name, mountPath } = mount
    const namePath = child(at, 'name')
    const mountPathPath = child(at, 'mountPath')
    return [
      ...(name ? [] : [required(namePath)]),
      ...(volumes.has(name) ? [] : [notFoundValue(namePath, name)]),
      ...(mountPath ? [] : [required(mountPathPath)]),
      ...(repeated[i] ? [invalid(mountPathPath, mountPath, 'must be unique')] : []),
      ...(devices.some(device => device.name === name)
        ? [invalid(namePath, name, 'must not already exist in volumeDevices')]
        : []),
      ...(devices.some(device => device.devicePath === mountPath)
        ? [invalid(mountPathPath, mountPath, 'must not already exist as a path in volumeDevices')]
        : []),
      ...validateSubPaths(mount, { at, path }),
      ...validatePropagation(mount, { path, privileged: container.securityContext?.privileged === true }),
      ...validateRecursiveReadOnly(mount, child(path, 'recursiveReadOnly')),
    ]
  })
}

/** Upstream names the list in some of these paths, not the mount. */
function validateSubPaths({ subPath, subPathExpr }: Mount, { at, path }: { at: string; path: string }): StatusCause[] {
  const exclusive = 'subPathExpr and subPath are mutually exclusive'
  return [
    ...(subPath ? validateDescendingPath(child(path, 'subPath'), subPath) : []),
    ...(subPath && subPathExpr ? [invalid(child(at, 'subPathExpr'), subPathExpr, exclusive)] : []),
    ...(subPathExpr ? validateDescendingPath(child(path, 'subPathExpr'), subPathExpr) : []),
  ]
}

function validatePropagation(
  { mountPropagation: mode }: Mount,
  where: { path: string; privileged: boolean },
): StatusCause[] {
  if (mode === undefined) return []
  const path = child(where.path, 'mountPropagation')
  const modes = ['Bidirectional', 'HostToContainer', 'None']
  if (!modes.includes(mode)) return [notSupported(path, mode, modes)]
  if (mode !== 'Bidirectional' || where.privileged) return []
  return [forbidden(path, 'Bidirectional mount propagation is available only to privileged containers')]
}

function validateRecursiveReadOnly(
  { recursiveReadOnly: mode, readOnly, mountPropagation }: Mount,
  path: string,
): StatusCause[] {
  if (mode === undefined || mode === 'Disabled') return []
  const modes = ['Disabled', 'Enabled', 'IfPossible']
  if (!modes.includes(mode)) return [notSupported(path, mode, modes)]
  const propagates = mountPropagation !== undefined && mountPropagation !== 'None'
  return [
    ...(readOnly ? [] : [forbidden(path, 'may only be specified when readOnly is true')]),
    ...(propagates ? [forbidden(path, 'may only be specified when mountPropagation is None or not specified')] : []),
  ]
}

/** Faults of raw block devices (ValidateVolumeDevices). */
export function validateDevices(
  container: Container,
  { path, volumes }: { path: string; volumes: Volumes },
): StatusCause[] {
  const devices = container.volumeDevices ?? []
  const mounts = container.volumeMounts ?? []
  const sameName = repeats(devices, ({ name }) => name)
  const samePath = repeats(devices, ({ devicePath }) => devicePath)
  return devices.flatMap(({ name, devicePath }, i) => {
    const namePath = child(index(path, i), 'name')
    const devicePathPath = child(index(path, i), 'devicePath')
    const volume = volumes.get(name)
    const block = volume?.persistentVolumeClaim ?? volume?.ephemeral
    const kind = 'can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode'
    return [
      ...(name ? [] : [required(namePath)]),
      ...(name && sameName[i] ? [invalid(namePath, name, 'must be unique')] : []),
      ...(volume && !block ? [invalid(namePath, name, kind)] : []),
      ...(volume ? [] : [notFoundValue(namePath, name)]),
      ...(devicePath ? [] : [required(devicePathPath)]),
      ...(samePath[i] ? [invalid(devicePathPath, devicePath, 'must be unique')] : []),
      ...(devicePath.split('/').includes('..')
        ? [invalid(devicePathPath, devicePath, "can not contain backsteps ('..')")]
        : []),
      ...(mounts.some(mount => mount.name === name)
        ? [invalid(namePath, name, 'must not already exist in volumeMounts')]
        : []),
      ...(mounts.some(mount => mount.mountPath === devicePath)
        ? [invalid(devicePathPath, devicePath, 'must not already exist as a path in volumeMounts')]
        : []),
    ]
  })
}
