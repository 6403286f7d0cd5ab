import type { Node } from '../../../shared/api/core.ts'
import { concerns, type AdmissionPlugin } from './admission.ts'

const taint = { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' }

/** No pod goes to a new node before it is known to be ready: the node lifecycle controller takes the taint away then (plugin/pkg/admission/nodetaint). */
export const taintNodesByCondition: AdmissionPlugin = {
  name: 'TaintNodesByCondition',
  mutate(request) {
    if (request.operation !== 'CREATE' || !request.object || !concerns(request, '', 'nodes')) return undefined
    const node = request.object as Node
    const taints = node.spec?.taints ?? []
    const has = taints.some(({ key, effect }) => key === taint.key && effect === taint.effect)
    if (!has) node.spec = { ...node.spec, taints: [...taints, { ...taint }] }
    return undefined
  },
}
