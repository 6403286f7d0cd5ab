import type { Pod } from '../../../../shared/api/core.ts'
import type { KubeObject } from '../../../../shared/api/object.ts'

/** Containers of a pod in the order they start. */
export interface ContainerChoice {
  name: string
  init: boolean
}

export function containersOf({ spec }: Pod): ContainerChoice[] {
  return [
    ...(spec.initContainers ?? []).map(({ name }) => ({ name, init: true })),
    ...spec.containers.map(({ name }) => ({ name, init: false })),
  ]
}

/** The container kubectl would take: the annotated one, else the first. */
export function defaultContainer({ metadata, spec }: Pod): string {
  const annotated = metadata.annotations?.['kubectl.kubernetes.io/default-container']
  const known = spec.containers.some(({ name }) => name === annotated)
  return (known ? annotated : spec.containers[0]?.name) ?? ''
}

/** One start of a container, whose log can be read: running, ended, or waiting after it ended. */
export interface Run {
  /** Differs from run to run of one container. */
  key: string
  attempt: number
  running: boolean
  /** Code and reason if it has ended. */
  ended?: { code: number; reason: string; at: string }
}

/** The latest run of a container; undefined before its first. */
export function runOf({ metadata, status }: Pod, container: string): Run | undefined {
  const all = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])]
  const found = all.find(({ name }) => name === container)
  const ended = found?.state?.terminated ?? found?.lastState?.terminated
  const running = found?.state?.running !== undefined
  if (!found || (!running && !ended)) return undefined
  return {
    key: `${metadata.uid}/${container}/${found.restartCount}`,
    attempt: found.restartCount,
    running,
    ...(!running &&
      ended && { ended: { code: ended.exitCode, reason: ended.reason ?? '', at: ended.finishedAt ?? '' } }),
  }
}

/** The pods below an object: itself, or what its children and theirs own. Oldest first. */
export function podsBelow(object: KubeObject, children: (uid: string) => readonly KubeObject[]): Pod[] {
  if (object.kind === 'Pod') return [object as Pod]
  const found = children(object.metadata.uid).flatMap(child => podsBelow(child, children))
  const createdAt = ({ metadata }: Pod) => metadata.creationTimestamp ?? ''
  return found.toSorted((a, b) => createdAt(a).localeCompare(createdAt(b)))
}
