import type { PersistentVolumeSpec } from '../../../../shared/api/core.ts'
import type { StatusCause } from '../../../../shared/api/object.ts'
import { child, invalid, key, notSupported, required } from '../../../../shared/machinery/field-errors.ts'
import { inRange, isDns1123Label } from '../../../../shared/machinery/names.ts'
import { invalidFor, knownOnly } from '../../faults.ts'

/** A check for each source; `volume` is the name of the PersistentVolume. */
export type SourceChecks<Name extends keyof PersistentVolumeSpec> = {
  [K in Name]: (source: NonNullable<PersistentVolumeSpec[K]>, path: string, volume: string) => StatusCause[]
}

type OldSource = Exclude<
  keyof PersistentVolumeSpec,
  | 'accessModes'
  | 'capacity'
  | 'claimRef'
  | 'csi'
  | 'hostPath'
  | 'local'
  | 'mountOptions'
  | 'nfs'
  | 'nodeAffinity'
  | 'persistentVolumeReclaimPolicy'
  | 'storageClassName'
  | 'volumeAttributesClassName'
  | 'volumeMode'
>

/** What the sources that are gone from kubelets must still say (pkg/apis/core/validation). */
export const oldSourceChecks: SourceChecks<OldSource> = {
  awsElasticBlockStore: (source, path) => [...needs(source, path, 'volumeID'), ...checkPartition(source, path)],
  azureDisk: validateAzureDisk,
  azureFile: (source, path) => [
    ...needs(source, path, 'secretName', 'shareName'),
    ...(source.secretNamespace === '' ? [required(child(path, 'secretNamespace'))] : []),
  ],
  cephfs: (source, path) => needs(source, path, 'monitors'),
  cinder: (source, path) => [...needs(source, path, 'volumeID'), ...checkSecret(source, path)],
  fc: validateFibreChannel,
  flexVolume: ({ options = {}, ...source }, path) => [
    ...needs(source, path, 'driver'),
    ...Object.keys(options)
      .filter(option => /\.(kubernetes|k8s)\.io$/.test(`.${(option.split('/')[0] ?? '').toLowerCase()}`))
      .map(option =>
        invalid(key(child(path, 'options'), option), option, 'kubernetes.io and k8s.io namespaces are reserved'),
      ),
  ],
  flocker: validateFlocker,
  gcePersistentDisk: (source, path) => [...needs(source, path, 'pdName'), ...checkPartition(source, path)],
  glusterfs: validateGlusterfs,
  iscsi: validateIscsi,
  photonPersistentDisk: (source, path) => needs(source, path, 'pdID'),
  portworxVolume: (source, path) => needs(source, path, 'volumeID'),
  quobyte: validateQuobyte,
  rbd: (source, path) => needs(source, path, 'monitors', 'image'),
  scaleIO: (source, path) => needs(source, path, 'gateway', 'system', 'volumeName'),
  storageos: (source, path) => [
    ...needs(source, path, 'volumeName'),
    ...(['volumeName', 'volumeNamespace'] as const).flatMap(field => {
      const name = source[field] ?? ''
      return name ? invalidFor(child(path, field), name, isDns1123Label(name)) : []
    }),
    ...checkSecret(source, path),
  ],
  vsphereVolume: (source, path) => needs(source, path, 'volumePath'),
}

/** Fields that must be there and not be empty. */
function needs<T extends object>(source: T, path: string, ...fields: (keyof T & string)[]): StatusCause[] {
  const missing = (value: unknown) =>
    value === undefined || value === '' || (Array.isArray(value) && value.length === 0)
  return fields.filter(field => missing(source[field])).map(field => required(child(path, field)))
}

function checkSecret(
  { secretRef }: { secretRef?: { name?: string; namespace?: string } },
  path: string,
): StatusCause[] {
  return secretRef
    ? needs({ name: '', namespace: '', ...secretRef }, child(path, 'secretRef'), 'name', 'namespace')
    : []
}

/** Upstream takes 0 and says it does not. */
function checkPartition({ partition = 0 }: { partition?: number }, path: string): StatusCause[] {
  return partition < 0 || partition > 255
    ? invalidFor(child(path, 'partition'), partition, inRange({ value: partition, min: 1, max: 255 }))
    : []
}

type Of<Name extends OldSource> = NonNullable<PersistentVolumeSpec[Name]>

function validateAzureDisk(source: Of<'azureDisk'>, path: string): StatusCause[] {
  const { cachingMode, kind, diskURI } = source
  const managed = kind === 'Managed'
  const form = managed
    ? '/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}'
    : 'https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd'
  const fits = diskURI.startsWith(managed ? '/subscriptions/' : 'https://')
  return [
    ...needs(source, path, 'diskName', 'diskURI'),
    ...(cachingMode === undefined
      ? []
      : knownOnly(child(path, 'cachingMode'), cachingMode, ['None', 'ReadOnly', 'ReadWrite'])),
    ...(kind === undefined ? [] : knownOnly(child(path, 'kind'), kind, ['Dedicated', 'Managed', 'Shared'])),
    ...(kind === undefined || fits ? [] : [notSupported(child(path, 'diskURI'), diskURI, [form])]),
  ]
}

function validateFibreChannel({ targetWWNs = [], wwids = [], lun }: Of<'fc'>, path: string): StatusCause[] {
  const at = child(path, 'targetWWNs')
  const lunPath = child(path, 'lun')
  if (targetWWNs.length === 0) {
    return wwids.length === 0 ? [required(at, 'must specify either targetWWNs or wwids, but not both')] : []
  }
  const both = 'targetWWNs and wwids can not be specified simultaneously'
  return [
    ...(wwids.length > 0 ? [invalid(at, targetWWNs, both)] : []),
    ...(lun === undefined
      ? [required(lunPath, 'lun is required if targetWWNs is specified')]
      : invalidFor(lunPath, lun, inRange({ value: lun, min: 0, max: 255 }))),
  ]
}

function validateFlocker({ datasetName = '', datasetUUID = '' }: Of<'flocker'>, path: string): StatusCause[] {
  const both = 'datasetName and datasetUUID can not be specified simultaneously'
  return [
    ...(datasetName || datasetUUID ? [] : [required(path, 'one of datasetName and datasetUUID is required')]),
    ...(datasetName && datasetUUID ? [invalid(path, 'resource', both)] : []),
    ...(datasetName.includes('/') ? [invalid(child(path, 'datasetName'), datasetName, "must not contain '/'")] : []),
  ]
}

function validateGlusterfs(source: Of<'glusterfs'>, path: string): StatusCause[] {
  const { endpointsNamespace: namespace } = source
  const at = child(path, 'endpointsNamespace')
  const empty = 'if the endpointnamespace is set, it must be a valid namespace name'
  return [
    ...needs(source, path, 'endpoints', 'path'),
    ...(namespace === undefined ? [] : invalidFor(at, namespace, namespace ? isDns1123Label(namespace) : [empty])),
  ]
}

const iscsiNames = [
  /iqn\.\d{4}-\d{2}\.([0-9A-Za-z.-]+)(:[^,;*&$|\s]+)$/,
  /^eui.[0-9A-Za-z]{16}$/,
  /^naa.[0-9A-Za-z]{32}$/,
]

function validateIscsi(source: Of<'iscsi'>, path: string, volume: string): StatusCause[] {
  const { iqn, lun, initiatorName, targetPortal, secretRef, chapAuthDiscovery, chapAuthSession } = source
  const known = (name: string) => iscsiNames.some(form => form.test(name))
  const prefixed = (name: string) => /^(iqn|eui|naa)/.test(name)
  const length =
    'Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.'
  const initiatorPath = child(path, 'initiatorname')
  return [
    ...needs(source, path, 'targetPortal', 'iqn'),
    ...(iqn && !(prefixed(iqn) && known(iqn)) ? [invalid(child(path, 'iqn'), iqn, 'must be valid format')] : []),
    ...invalidFor(child(path, 'lun'), lun, inRange({ value: lun, min: 0, max: 255 })),
    ...((chapAuthDiscovery || chapAuthSession) && !secretRef ? [required(child(path, 'secretRef'))] : []),
    ...(secretRef && !secretRef.name ? [required(child(path, 'secretRef', 'name'))] : []),
    ...(initiatorName === undefined
      ? []
      : [
          ...(`${volume}:${targetPortal}`.length > 64
            ? [invalid(child(path, 'targetportal'), targetPortal, length)]
            : []),
          ...(prefixed(initiatorName) && known(initiatorName)
            ? []
            : [invalid(initiatorPath, initiatorName, 'must be valid format')]),
        ]),
  ]
}

function validateQuobyte(source: Of<'quobyte'>, path: string): StatusCause[] {
  const { registry, tenant = '' } = source
  const at = child(path, 'registry')
  const form = 'must be a host:port pair or multiple pairs separated by commas'
  const isPair = (text: string) => /^([^:[\]]*|\[[^[\]]*\]):[^:[\]]*$/.test(text)
  const malformed = registry.split(',').some(pair => !isPair(pair))
  const faults =
    registry === ''
      ? [required(at, form)]
      : tenant.length >= 65
        ? [required(child(path, 'tenant'), 'must be a UUID and may not exceed a length of 64 characters')]
        : malformed
          ? [invalid(at, registry, form)]
          : []
  return [...faults, ...needs(source, path, 'volume')]
}
