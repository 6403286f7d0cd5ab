import type { Pod } from '../../../shared/api/core.ts'
import { concerns, type AdmissionPlugin } from './admission.ts'

const keys = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable']
const seconds = 300

/** Pods stay five minutes on a node that fails, unless they say otherwise (plugin/pkg/admission/defaulttolerationseconds). */
export const defaultTolerations: AdmissionPlugin = {
  name: 'DefaultTolerationSeconds',
  mutate(request) {
    if (request.operation === 'DELETE' || !concerns(request, '', 'pods') || !request.object) return undefined
    const { spec } = request.object as Pod
    const given = spec.tolerations ?? []
    const missing = keys.filter(key => !given.some(toleration => tolerates(toleration, key)))
    if (missing.length === 0) return undefined
    const added = missing.map(key => ({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: seconds }))
    spec.tolerations = [...given, ...added]
    return undefined
  },
}

function tolerates({ key = '', effect = '' }: { key?: string; effect?: string }, taint: string): boolean {
  return (key === taint || key === '') && (effect === 'NoExecute' || effect === '')
}
