import type { Container, Pod } from '../../shared/api/core.ts'

/** The `fieldPath` of an Event about one container (pkg/kubelet/container/ref.go). */
export function containerPath(pod: Pod, { name }: Pick<Container, 'name'>): string {
  const init = (pod.spec.initContainers ?? []).some(c => c.name === name)
  return `spec.${init ? 'initContainers' : 'containers'}{${name}}`
}
