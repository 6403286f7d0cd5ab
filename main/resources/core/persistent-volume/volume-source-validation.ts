import type { PersistentVolumeSpec } from '../../../../shared/api/core.ts'
import type { StatusCause } from '../../../../shared/api/object.ts'
import { child, forbidden, required } from '../../../../shared/machinery/field-errors.ts'
import { isDns1123Label, isDns1123Subdomain } from '../../../../shared/machinery/names.ts'
import { invalidFor } from '../../faults.ts'
import { validateDriverName } from '../../storage/driver-name.ts'
import { oldSourceChecks, type SourceChecks } from './old-source-validation.ts'
import { validateNoBacksteps } from '../path-validation.ts'
import { validateHostPath, validateNfs } from '../volume/volume-validation.ts'

/** Where the bytes of a PersistentVolume are: exactly one of them is given. In upstream's order: the first one found counts. */
const sources = [
  'hostPath',
  'gcePersistentDisk',
  'awsElasticBlockStore',
  'glusterfs',
  'flocker',
  'nfs',
  'rbd',
  'quobyte',
  'cephfs',
  'iscsi',
  'cinder',
  'fc',
  'flexVolume',
  'azureFile',
  'vsphereVolume',
  'photonPersistentDisk',
  'portworxVolume',
  'azureDisk',
  'scaleIO',
  'local',
  'storageos',
  'csi',
] as const

type Source = (typeof sources)[number]

/** The part of a spec that says where the bytes are. */
export function sourcesOf(spec: PersistentVolumeSpec): Pick<PersistentVolumeSpec, Source> {
  return Object.fromEntries(sources.filter(name => spec[name] !== undefined).map(name => [name, spec[name]]))
}

/** Sources that cannot be mounted with options of the volume's own (pkg/volume/validation checkMountOption). */
const optionless = ['hostPath', 'flocker', 'fc', 'flexVolume', 'portworxVolume', 'scaleIO', 'local', 'storageos', 'csi']

/** Whether a volume is of a kind that takes mount options. */
export function mountable(spec: PersistentVolumeSpec): boolean {
  return Object.keys(sourcesOf(spec)).some(name => !optionless.includes(name))
}

const checks: SourceChecks<Source> = {
  ...oldSourceChecks,
  hostPath: validateHostPath,
  nfs: validateNfs,
  local: ({ path: value }, path) => {
    const at = child(path, 'path')
    return value ? validateNoBacksteps(at, value) : [required(at)]
  },
  csi: validateCsi,
}

/** Upstream's paths that are not the name of the field. */
const checkedAs: Partial<Record<Source, string>> = { gcePersistentDisk: 'persistentDisk' }
const forbiddenAs: Partial<Record<Source, string>> = { cephfs: 'cephFS' }

/** Faults of where the bytes are. */
export function validateSources(
  spec: PersistentVolumeSpec,
  { path, name: volume }: { path: string; name: string },
): StatusCause[] {
  const given = sources.filter(name => spec[name] !== undefined)
  if (given.length === 0) return [required(path, 'must specify a volume type')]
  return given.flatMap((name, i) => {
    // A flexVolume may stand beside others, which is an oversight upstream.
    if (i > 0 && name !== 'flexVolume') {
      return [forbidden(child(path, forbiddenAs[name] ?? name), 'may not specify more than 1 volume type')]
    }
    const faults = validateSource(spec, { name, path: child(path, checkedAs[name] ?? name), volume })
    if (name !== 'local' || spec.nodeAffinity) return faults
    return [...faults, required(child(path, 'nodeAffinity'), 'Local volume requires node affinity')]
  })
}

interface Place<Name> {
  name: Name
  path: string
  volume: string
}

function validateSource<Name extends Source>(
  spec: PersistentVolumeSpec,
  { name, path, volume }: Place<Name>,
): StatusCause[] {
  const source = spec[name]
  return source === undefined ? [] : checks[name](source, path, volume)
}

const secretRefs = [
  'controllerPublishSecretRef',
  'controllerExpandSecretRef',
  'nodePublishSecretRef',
  'nodeExpandSecretRef',
] as const

function validateCsi(csi: NonNullable<PersistentVolumeSpec['csi']>, path: string): StatusCause[] {
  return [
    ...validateDriverName(child(path, 'driver'), csi.driver),
    ...(csi.volumeHandle ? [] : [required(child(path, 'volumeHandle'))]),
    ...secretRefs.flatMap(field => {
      const ref = csi[field]
      return ref ? validateSecretRef(ref, child(path, field)) : []
    }),
  ]
}

function validateSecretRef({ name, namespace }: { name?: string; namespace?: string }, path: string): StatusCause[] {
  const [namePath, namespacePath] = [child(path, 'name'), child(path, 'namespace')]
  return [
    ...(name ? invalidFor(namePath, name, isDns1123Subdomain(name)) : [required(namePath)]),
    ...(namespace ? invalidFor(namespacePath, namespace, isDns1123Label(namespace)) : [required(namespacePath)]),
  ]
}
