import type { Pod } from '../../../shared/api/core.ts'
import { tolerates } from '../../../shared/machinery/tolerations.ts'
import type { Refusal } from '../admission/admission.ts'
import { isCritical } from '../critical.ts'
import { podQos } from '../resources/qos.ts'
import type { Pressure } from './signals.ts'

const taint = { key: 'node.kubernetes.io/memory-pressure', effect: 'NoSchedule' }

/**
 * Why a node under pressure does not take a pod (pkg/kubelet/eviction/eviction_manager.go, Admit): when it is short of
 * memory only those without requests, of anything else all but critical ones.
 */
export function pressureRefusal(pod: Pod, conditions: ReadonlySet<Pressure>): Refusal | undefined {
  if (conditions.size === 0 || isCritical(pod)) return undefined
  const onlyMemory = conditions.size === 1 && conditions.has('MemoryPressure')
  const endures = podQos(pod) !== 'BestEffort' || pod.spec.tolerations?.some(each => tolerates(each, taint))
  if (onlyMemory && endures) return undefined
  return { reason: 'Evicted', message: `The node had condition: [${[...conditions].join(' ')}]. ` }
}
