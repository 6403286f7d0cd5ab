import type { Container, Pod } from '../../../shared/api/core.ts'

/** The `fieldPath` of an Event about one container (pkg/kubelet/container/ref.go). */
export function containerPath(pod: Pod, { name }: Pick<Container, 'name'>): string {
  const lists = ['initContainers', 'ephemeralContainers'] as const
  const list = lists.find(each => pod.spec[each]?.some(c => c.name === name)) ?? 'containers'
  return `spec.${list}{${name}}`
}
