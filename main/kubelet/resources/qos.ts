import type { Pod } from '../../../shared/api/core.ts'
import { qosClassOf } from '../../../shared/machinery/qos-class.ts'

/** A pod's quality of service class: what the API server found, which no resize changes (component-helpers GetPodQOS). */
export const podQos = ({ spec, status }: Pod) => status?.qosClass ?? qosClassOf(spec)
