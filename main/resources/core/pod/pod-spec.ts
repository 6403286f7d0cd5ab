import type { Container, Pod, PodSpec } from '../../../../shared/api/core.ts'

/** Every container of a spec with its path, ephemeral ones included (upstream's VisitContainersWithPath). */
export function containersOf(spec: PodSpec, path = 'spec'): { container: Container; path: string }[] {
  return (['initContainers', 'containers', 'ephemeralContainers'] as const).flatMap(list =>
    (spec[list] ?? []).map((container, i) => ({ container, path: `${path}.${list}[${i}]` })),
  )
}

/** An init container that keeps running beside the others (KEP-753). */
export function isSidecar(container: Pick<Container, 'restartPolicy'>): boolean {
  return container.restartPolicy === 'Always'
}

export type PodVolume = NonNullable<Pod['spec']['volumes']>[number]
export type ResourceList = Record<string, string>
