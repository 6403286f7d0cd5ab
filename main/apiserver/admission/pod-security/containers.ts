import type { Container, PodSpec } from '../../../../shared/api/core.ts'
import { containersOf } from '../../../resources/core/pod/pod-spec.ts'

/** A pod, or the template of pods. */
export interface PodLike {
  readonly annotations: Readonly<Record<string, string>>
  readonly spec: PodSpec
}

/** The containers of a pod of all sorts that something is wrong with, by their names; and what. */
export function collect(spec: PodSpec, faults: (container: Container) => readonly string[]) {
  const names: string[] = []
  const values: string[] = []
  for (const { container } of containersOf(spec)) {
    const found = faults(container)
    if (found.length > 0) names.push(container.name)
    values.push(...found)
  }
  return { names, values }
}

/** The names of the containers that something is true of. */
export function containersThat(spec: PodSpec, holds: (container: Container) => boolean): string[] {
  return collect(spec, container => (holds(container) ? [''] : [])).names
}
