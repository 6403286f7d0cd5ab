import type { Container, Pod } from '../../../shared/api/core.ts'
import type { KubeletParts } from '../kubelet-parts.ts'

/** The events of pkg/kubelet/events/resize.go: what the spec asks for as JSON. */
export function tell(
  pod: Pod,
  { recorder }: KubeletParts,
  { type, reason, what, error }: { type: 'Normal' | 'Warning'; reason: string; what: string; error?: string },
): void {
  const list = (containers: readonly Container[]) => containers.map(({ name, resources = {} }) => ({ name, resources }))
  const { initContainers = [], containers } = pod.spec
  const summary = {
    ...(initContainers.length > 0 && { initContainers: list(initContainers) }),
    containers: list(containers),
    generation: pod.metadata.generation ?? 0,
    ...(error !== undefined && { error }),
  }
  recorder.event(pod, type, reason, `Pod resize ${what}: ${JSON.stringify(summary)}`)
}
