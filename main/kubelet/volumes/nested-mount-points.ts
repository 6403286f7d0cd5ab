import { posix } from 'node:path'
import type { Pod } from '../../../shared/api/core.ts'
import { allContainers, ephemeralContainers } from '../pod/pod-records.ts'

/**
 * Directories, below a volume's root, on which containers mount other volumes: the engine could not make them in a volume
 * that is read-only for containers (pkg/volume/util/nested_volumes.go). Those inside one another's mounts are not ours.
 */
export function nestedMountPoints(pod: Pod, volume: string): string[] {
  const found = new Set<string>()
  for (const { volumeMounts = [] } of [...allContainers(pod), ...ephemeralContainers(pod)]) {
    const places = volumeMounts.map(({ name, mountPath }) => ({ name, path: posix.normalize(`/${mountPath}/`) }))
    for (const { path: root } of places.filter(({ name }) => name === volume)) {
      const below = places.map(({ path }) => path).filter(path => path !== root && path.startsWith(root))
      for (const path of below)
        if (!below.some(other => other !== path && path.startsWith(other))) found.add(path.slice(root.length, -1))
    }
  }
  return [...found]
}
