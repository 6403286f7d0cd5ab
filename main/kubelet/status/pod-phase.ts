import type { ContainerStatus, Pod } from '../../../shared/api/core.ts'
import { isSidecar } from '../pod/pod-records.ts'
import { restartingAll, runsAgain } from '../pod/restart-policy.ts'
import { isStatic } from '../static-pods/manifest.ts'

interface Statuses {
  init: ContainerStatus[]
  containers: ContainerStatus[]
  /** An ordinary container was created in the sandbox that the pod has now. */
  initialized: boolean
  /** Nothing will be started any more: the pod is being deleted or has come to its end. */
  terminal: boolean
}

const exit = (s: ContainerStatus) => s.state?.terminated ?? s.lastState?.terminated

/** A pod's phase by its containers (pkg/kubelet/kubelet_pods.go, getPhase). */
export function podPhase(pod: Pod, { init, containers, initialized, terminal }: Statuses): string {
  const specs = new Map([...(pod.spec.initContainers ?? []), ...pod.spec.containers].map(c => [c.name, c]))
  const sidecars = init.filter(s => isSidecar(specs.get(s.name) ?? {}))
  const regular = init.filter(s => !sidecars.includes(s))
  const restarts = (s: ContainerStatus) => {
    const [container, end] = [specs.get(s.name), exit(s)]
    return !container || !end || end.reason === restartingAll || runsAgain(container, pod, end.exitCode)
  }
  const untried = (s: ContainerStatus) => !s.state?.running && !exit(s)

  if (regular.some(s => !s.state?.running && (exit(s)?.exitCode ?? 0) !== 0 && !restarts(s))) return 'Failed'
  const pending =
    regular.some(s => s.state?.running !== undefined || untried(s)) ||
    (!initialized && sidecars.some(s => untried(s) || (s.state?.running !== undefined && !s.started)))
  if (pending || [...sidecars, ...containers].some(untried)) return 'Pending'
  if ([...sidecars, ...containers].some(s => s.state?.running)) return 'Running'

  const succeeded = containers.every(s => s.state?.terminated?.exitCode === 0)
  // A static pod is started again, whatever becomes of it.
  if (!(terminal && !isStatic(pod)) && containers.some(restarts)) return 'Running'
  return succeeded ? 'Succeeded' : 'Failed'
}
