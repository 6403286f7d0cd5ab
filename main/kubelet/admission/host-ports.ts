import type { Pod } from '../../../shared/api/core.ts'
import { isSidecar } from '../pod-records.ts'
import type { AdmissionInput } from './admission.ts'

/** Ports of the node that a pod takes (component-helpers scheduling, GetHostPorts). */
function hostPorts({ spec }: Pod) {
  return [...(spec.initContainers ?? []).filter(isSidecar), ...spec.containers]
    .flatMap(({ ports = [] }) => ports)
    .flatMap(({ hostPort, hostIP, protocol = 'TCP' }) =>
      hostPort ? { port: hostPort, ip: hostIP || anyAddress, protocol } : [],
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
      wanted.some(own => own.port === taken.port && own.protocol === taken.protocol && overlaps(own.ip, taken.ip)),
    )
}
