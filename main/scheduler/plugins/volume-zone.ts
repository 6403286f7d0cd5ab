import type { PersistentVolume } from '../../../shared/api/core.ts'
import { existingClaims, isClaimOf } from '../claims.ts'
import { none, unresolvable, type Plugin } from '../plugin.ts'

/** Labels of zone and region, the old ones with what they are called today. */
const current: Record<string, string> = {
  'failure-domain.beta.kubernetes.io/zone': 'topology.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region': 'topology.kubernetes.io/region',
  'topology.kubernetes.io/zone': 'topology.kubernetes.io/zone',
  'topology.kubernetes.io/region': 'topology.kubernetes.io/region',
}

/** Volumes labelled with a zone are for nodes of that zone; a node without such labels takes any (volumezone/volume_zone.go). */
export const volumeZone: Plugin = {
  name: 'VolumeZone',
  filter(pod, cluster) {
    if (pod.claims.length === 0) return undefined
    const names = existingClaims(pod, cluster).flatMap(({ spec }) => spec.volumeName || [])
    const volumes = names.map(name => cluster.listers.volumes.get({ namespace: '', name }))
    const missing = names.find((_, i) => !volumes[i])
    if (missing !== undefined) {
      return { refusal: { message: `persistentvolume "${missing}" not found`, unresolvable: true } }
    }
    const wanted = volumes.filter(volume => volume !== undefined).flatMap(zonesOf)
    if (wanted.length === 0) return undefined
    return {
      reasons({ node }) {
        const labels = node.metadata.labels ?? {}
        if (!Object.keys(current).some(key => key in labels)) return none
        const far = wanted.find(({ key, values }) => {
          const value = labels[key] ?? labels[current[key] ?? key]
          return value === undefined || !values.includes(value)
        })
        return far ? unresolvable('node(s) had no available volume zone', { change: 'volume', name: far.name }) : none
      },
    }
  },
  helps(change, pod) {
    if (change.of === 'claim') return isClaimOf(change.after, pod)
    if (change.of === 'node') return change.parts.has('labels')
    return change.of === 'volume' || change.of === 'storageClass'
  },
}

/** A volume of several zones lists them with two underscores between. */
const zonesOf = ({ metadata }: PersistentVolume) =>
  Object.entries(metadata.labels ?? {})
    .filter(([key]) => key in current)
    .map(([key, value]) => ({ name: metadata.name, key, values: value.split('__') }))
