import { quote } from '../../../shared/machinery/field-errors.ts'
import type { PodVolume } from '../core/pod/pod-spec.ts'
import { claimSpecWarnings } from './fractions.ts'

/** Sources that are going or gone, and since when. */
const old = {
  photonPersistentDisk: 'deprecated in v1.11, non-functional in v1.16+',
  gitRepo: 'deprecated in v1.11, and disabled by default in v1.33+',
  scaleIO: 'deprecated in v1.16, non-functional in v1.22+',
  flocker: 'deprecated in v1.22, non-functional in v1.25+',
  storageos: 'deprecated in v1.22, non-functional in v1.25+',
  quobyte: 'deprecated in v1.22, non-functional in v1.25+',
  glusterfs: 'deprecated in v1.25, non-functional in v1.26+',
  cephfs: 'deprecated in v1.28, non-functional in v1.31+',
  rbd: 'deprecated in v1.28, non-functional in v1.31+',
}
/** Upstream's path names the field of its Go struct. */
const spelled: Partial<Record<string, string>> = { storageos: 'storageOS' }

/** Those of the volumes of a pod, or of a PersistentVolume, that still can be written down. */
export function oldSourceWarnings(path: string, source: object, of: readonly (keyof typeof old)[]): string[] {
  return of.filter(name => Object.hasOwn(source, name)).map(name => `${path}.${spelled[name] ?? name}: ${old[name]}`)
}

const ofPods = Object.keys(old) as (keyof typeof old)[]

/** What is doubtful about a pod's volumes (pkg/api/pod/warnings.go). */
export function volumeWarnings(path: string, volumes: readonly PodVolume[]): string[] {
  return [
    ...volumes.flatMap((volume, i) => {
      const at = `${path}[${i}]`
      const claim = volume.ephemeral?.volumeClaimTemplate
      return [
        ...oldSourceWarnings(at, volume, ofPods),
        ...(claim ? claimSpecWarnings(`${at}.ephemeral.volumeClaimTemplate.spec`, claim.spec) : []),
      ]
    }),
    ...volumes.flatMap(overlapWarnings),
  ]
}

interface File {
  path: string
  source: string
}

/** Files of one volume of which one hides the other, or is a directory in the other's way. */
function overlapWarnings(volume: PodVolume): string[] {
  const { name, configMap, secret, downwardAPI, projected } = volume
  const say = (kind: string, files: readonly File[]) =>
    overlaps(files).map(what => `volume ${quote(name)} (${kind}): overlapping paths: ${what}`)
  if (projected) {
    const sources = projected.sources ?? []
    const empty = sources.filter(source => Object.keys(source).length === 0)
    return [
      ...empty.map(() => `volume ${quote(name)} (Projected) has no sources provided`),
      ...say('Projected', sources.flatMap(projectedFiles)),
    ]
  }
  if (configMap) return say(`ConfigMap ${quote(configMap.name ?? '')}`, files(configMap.items, ''))
  if (secret) return say(`Secret ${quote(secret.secretName ?? '')}`, files(secret.items, ''))
  return downwardAPI ? say('DownwardAPI', files(downwardAPI.items, '')) : []
}

const files = (items: readonly { path: string }[] = [], source: string): File[] =>
  items.map(({ path }) => ({ path, source }))

type Source = NonNullable<NonNullable<PodVolume['projected']>['sources']>[number]

function projectedFiles({ configMap, secret, downwardAPI, serviceAccountToken }: Source): File[] {
  if (configMap?.items) return files(configMap.items, `ConfigMap ${quote(configMap.name ?? '')}`)
  if (secret?.items) return files(secret.items, `Secret ${quote(secret.name ?? '')}`)
  if (downwardAPI?.items) return files(downwardAPI.items, 'DownwardAPI')
  return serviceAccountToken ? files([serviceAccountToken], 'ServiceAccountToken') : []
}

function overlaps(given: readonly File[]): string[] {
  const all = given.map(({ path, source }) => ({ path: path.replace(/\/+$/, ''), source }))
  return all.flatMap((file, i) => {
    if (file.path === '') return []
    return all
      .slice(0, i)
      .filter(({ path }) => path !== '' && (isWithin(path, file.path) || isWithin(file.path, path)))
      .map(other => `${show(file)} with ${show(other)}`)
  })
}

const isWithin = (path: string, directory: string) => `${path}/`.startsWith(`${directory}/`)

const show = ({ path, source }: File) => (source === '' ? quote(path) : `${quote(path)} (${source})`)
