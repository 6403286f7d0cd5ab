import type { Pod } from '../../../shared/api/core.ts'
import type { HostPort } from '../host.ts'
import { isSidecar } from '../pod/pod-records.ts'
import type { AdmissionInput } from './admission.ts'

/** Ports of the node that a pod takes (component-helpers scheduling, GetHostPorts). */
export function hostPorts({ spec }: Pod): HostPort[] {
  return [...(spec.initContainers ?? []).filter(isSidecar), ...spec.containers]
    .flatMap(({ ports = [] }) => ports)
    .flatMap(({ hostPort, hostIP, containerPort, protocol = 'TCP' }) =>
      hostPort ? { hostPort, hostIP: hostIP || anyAddress, containerPort, protocol } : [],
    )
}

const anyAddress = '0.0.0.0'

/** Whether another pod has taken one of the node's ports that this one wants. */
export function portsConflict({ pod, others }: AdmissionInput): boolean {
  const wanted = hostPorts(pod)
  if (wanted.length === 0) return false
  const overlaps = (a: string, b: string) => a === b || a === anyAddress || b === anyAddress
  return others
    .flatMap(hostPorts)
    .some(taken =>
      wanted.some(
        own => own.hostPort === taken.hostPort && own.protocol === taken.protocol && overlaps(own.hostIP, taken.hostIP),
      ),
    )
}
