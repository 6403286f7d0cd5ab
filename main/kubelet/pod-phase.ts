import type { ContainerStatus, Pod } from '../../shared/api/core.ts'
import { isSidecar } from './pod-records.ts'

interface Statuses {
  init: ContainerStatus[]
  containers: ContainerStatus[]
  /** Nothing will be started any more: the pod is being deleted or has come to its end. */
  terminal: boolean
}

const exit = (s: ContainerStatus) => s.state?.terminated ?? s.lastState?.terminated

/** A pod's phase by its containers (pkg/kubelet/kubelet_pods.go, getPhase). */
export function podPhase({ spec }: Pod, { init, containers, terminal }: Statuses): string {
  const regular = init.filter(s => !(spec.initContainers ?? []).some(c => c.name === s.name && isSidecar(c)))
  const sidecars = init.filter(s => !regular.includes(s))
  const ran = containers.some(s => s.state?.running ?? exit(s))
  const failedInit = regular.some(s => (exit(s)?.exitCode ?? 0) !== 0)
  if (failedInit && (spec.restartPolicy === 'Never' || terminal) && !ran) return 'Failed'
  const initialized = regular.every(s => s.state?.terminated?.exitCode === 0) && sidecars.every(s => s.started ?? false)
  if (!ran && !initialized) return 'Pending'

  const running = containers.filter(s => s.state?.running)
  const stopped = containers.filter(s => !s.state?.running && exit(s))
  if (running.length + stopped.length < containers.length && !terminal) return 'Pending'
  if (running.length > 0) return 'Running'
  if (stopped.length === 0) return 'Pending'
  const succeeded = stopped.every(s => exit(s)?.exitCode === 0)
  if (terminal) return succeeded ? 'Succeeded' : 'Failed'
  if ((spec.restartPolicy ?? 'Always') === 'Always') return 'Running'
  if (succeeded) return 'Succeeded'
  return spec.restartPolicy === 'Never' ? 'Failed' : 'Running'
}
