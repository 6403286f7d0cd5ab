import type { StatusCause } from '../../../../shared/api/object.ts'
import {
  child,
  duplicate,
  forbidden,
  index,
  invalid,
  notSupported,
  required,
} from '../../../../shared/machinery/field-errors.ts'
import { isDns1123Label, isDns1123Subdomain } from '../../../../shared/machinery/names.ts'
import { compareQuantities } from '../../../../shared/machinery/quantity.ts'
import { invalidFor, oneOf } from '../../faults.ts'
import { validateDriverName } from '../../storage/driver-name.ts'
import { validateClaimSpec } from '../persistent-volume/claim-validation.ts'
import type { Volumes } from '../container/mount-validation.ts'
import { validateMode, validateNoBacksteps } from '../path-validation.ts'
import type { PodVolume } from '../pod/pod-spec.ts'
import { validateProjected } from './projected-validation.ts'
import { validateDownwardFile, validateKeyToPath } from './volume-file-validation.ts'

interface VolumeRules {
  path: string
  /** '' for a template, whose pods have no names yet. */
  podName: string
  isPod: boolean
}

/** Faults of a pod's volumes, and the ones that mounts may name: those without a fault (ValidateVolumes). */
export function validateVolumes(volumes: PodVolume[], rules: VolumeRules): { faults: StatusCause[]; valid: Volumes } {
  const valid = new Map<string, PodVolume>()
  const created = volumes
    .filter(volume => volume.ephemeral && rules.podName)
    .map(({ name }) => `${rules.podName}-${name}`)
  const faults = volumes.flatMap((volume, i) => {
    const path = index(rules.path, i)
    const { name, persistentVolumeClaim: claim } = volume
    const namePath = child(path, 'name')
    const own = [
      ...validateSource(volume, { ...rules, path }),
      ...(name ? invalidFor(namePath, name, isDns1123Label(name)) : [required(namePath)]),
      ...(valid.has(name) ? [duplicate(namePath, name)] : []),
    ]
    if (own.length === 0) valid.set(name, volume)
    if (!claim || !created.includes(claim.claimName)) return own
    const detail = 'must not reference a PVC that gets created for an ephemeral volume'
    return [...own, invalid(child(path, 'persistentVolumeClaim', 'claimName'), claim.claimName, detail)]
  })
  return { faults, valid }
}

function validateSource(volume: PodVolume, rules: VolumeRules): StatusCause[] {
  const sources = Object.keys(volume).filter(key => key !== 'name')
  if (sources.length === 0) return [required(rules.path, 'must specify a volume type')]
  // Upstream checks sources in an order of its own, emptyDir first; the first one found counts.
  const order = ['emptyDir', 'hostPath', 'gitRepo', 'gcePersistentDisk', 'awsElasticBlockStore', 'secret', 'nfs']
  const place = (source: string) => (order.includes(source) ? order.indexOf(source) : order.length)
  const [first = '', ...others] = sources.sort((a, b) => place(a) - place(b))
  return [
    ...validateOne(volume, { ...rules, source: first }),
    ...others.map(source => forbidden(child(rules.path, source), 'may not specify more than 1 volume type')),
  ]
}

function validateOne(volume: PodVolume, rules: VolumeRules & { source: string }): StatusCause[] {
  const path = child(rules.path, rules.source)
  const { emptyDir, hostPath, secret, configMap, downwardAPI, projected, persistentVolumeClaim, nfs, csi, image } =
    volume
  switch (rules.source) {
    case 'emptyDir': {
      const { sizeLimit = '0' } = emptyDir ?? {}
      const detail = 'SizeLimit field must be a valid resource quantity'
      return compareQuantities(sizeLimit, 0) < 0 ? [forbidden(child(path, 'sizeLimit'), detail)] : []
    }
    case 'hostPath':
      return validateHostPath(hostPath ?? {}, path)
    case 'secret':
      return validateFiles({ ...secret, name: secret?.secretName }, { path, nameField: 'secretName' })
    case 'configMap':
      return validateFiles({ ...configMap }, { path, nameField: 'name' })
    case 'downwardAPI':
      return [
        ...validateMode(child(path, 'defaultMode'), downwardAPI?.defaultMode),
        ...(downwardAPI?.items ?? []).flatMap(item => validateDownwardFile(item, path)),
      ]
    case 'projected':
      return projected ? validateProjected(projected, path) : []
    case 'persistentVolumeClaim':
      return persistentVolumeClaim?.claimName ? [] : [required(child(path, 'claimName'))]
    case 'nfs':
      return validateNfs(nfs ?? {}, path)
    case 'csi':
      return validateCsi(csi ?? {}, path)
    case 'ephemeral':
      return validateEphemeral(volume, rules)
    case 'image':
      return [
        ...(rules.isPod && !image?.reference ? [required(child(path, 'reference'))] : []),
        ...oneOf(child(path, 'pullPolicy'), image?.pullPolicy, ['Always', 'IfNotPresent', 'Never']),
      ]
    default:
      return validateOldSource(volume, { source: rules.source, path })
  }
}

const hostPathTypes = [
  '',
  'BlockDevice',
  'CharDevice',
  'Directory',
  'DirectoryOrCreate',
  'File',
  'FileOrCreate',
  'Socket',
]

/** Faults of a path of the node (validateHostPathVolumeSource). */
export function validateHostPath({ path: value, type }: { path?: string; type?: string }, path: string): StatusCause[] {
  if (!value) return [required(child(path, 'path'))]
  const typeFaults =
    type === undefined || hostPathTypes.includes(type) ? [] : [notSupported(child(path, 'type'), type, hostPathTypes)]
  return [...validateNoBacksteps(child(path, 'path'), value), ...typeFaults]
}

interface Files {
  name?: string | undefined
  defaultMode?: number
  items?: { key: string; path: string; mode?: number }[]
}

/** A Secret or ConfigMap as files. */
function validateFiles(
  { name, defaultMode, items = [] }: Files,
  { path, nameField }: { path: string; nameField: string },
): StatusCause[] {
  return [
    ...(name ? [] : [required(child(path, nameField))]),
    ...validateMode(child(path, 'defaultMode'), defaultMode),
    ...items.flatMap((item, i) => validateKeyToPath(item, index(child(path, 'items'), i))),
  ]
}

/** Faults of an export of an NFS server. */
export function validateNfs(
  { server, path: value = '' }: { server?: string; path?: string },
  path: string,
): StatusCause[] {
  const at = child(path, 'path')
  return [
    ...(server ? [] : [required(child(path, 'server'))]),
    ...(value ? [] : [required(at)]),
    ...(value.startsWith('/') ? [] : [invalid(at, value, 'must be an absolute path')]),
  ]
}

function validateCsi(
  { driver = '', nodePublishSecretRef: ref }: Partial<NonNullable<PodVolume['csi']>>,
  path: string,
): StatusCause[] {
  const secretPath = child(path, 'nodePublishSecretRef', 'name')
  const name = ref?.name ?? ''
  return [
    ...validateDriverName(child(path, 'driver'), driver),
    ...(!ref ? [] : name ? invalidFor(child(path, 'name'), name, isDns1123Subdomain(name)) : [required(secretPath)]),
  ]
}

function validateEphemeral({ name, ephemeral }: PodVolume, { path, podName }: VolumeRules): StatusCause[] {
  const templatePath = child(path, 'ephemeral', 'volumeClaimTemplate')
  const claim = `${podName}-${name}`
  const nameFaults = podName && name ? isDns1123Subdomain(claim).map(text => `PVC name "${claim}": ${text}`) : []
  const template = ephemeral?.volumeClaimTemplate
  if (!template) return [required(templatePath), ...invalidFor(child(path, 'name'), name, nameFaults)]
  return [
    ...validateClaimSpec(template.spec, { path: child(templatePath, 'spec') }),
    ...invalidFor(child(path, 'name'), name, nameFaults),
  ]
}

/** What each source that is gone from kubelets must still name. */
const oldRequirements: Partial<Record<string, string[]>> = {
  awsElasticBlockStore: ['volumeID'],
  azureDisk: ['diskName', 'diskURI'],
  azureFile: ['secretName', 'shareName'],
  cephfs: ['monitors'],
  cinder: ['volumeID'],
  flexVolume: ['driver'],
  gcePersistentDisk: ['pdName'],
  gitRepo: ['repository'],
  glusterfs: ['endpoints', 'path'],
  iscsi: ['targetPortal', 'iqn'],
  photonPersistentDisk: ['pdID'],
  portworxVolume: ['volumeID'],
  quobyte: ['registry', 'volume'],
  rbd: ['monitors', 'image'],
  scaleIO: ['gateway', 'system', 'volumeName'],
  vsphereVolume: ['volumePath'],
}

function validateOldSource(volume: PodVolume, { source, path }: { source: string; path: string }): StatusCause[] {
  const value = (volume as unknown as Record<string, Record<string, unknown> | undefined>)[source] ?? {}
  const missing = (oldRequirements[source] ?? []).filter(field => {
    const given = value[field]
    return given === undefined || given === '' || (Array.isArray(given) && given.length === 0)
  })
  return missing.map(field => required(child(path, field)))
}
