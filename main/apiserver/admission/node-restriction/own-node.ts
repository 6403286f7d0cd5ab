import type { Node } from '../../../../shared/api/core.ts'
import type { KubeObject } from '../../../../shared/api/object.ts'
import { quote } from '../../../../shared/machinery/field-errors.ts'
import { jsonEqual } from '../../../../shared/machinery/json-value.ts'
import type { AdmissionRequest } from '../admission.ts'

/** Labels of Kubernetes' own domains that kubelets may set (kubelet/pkg/apis/well_known_labels.go). */
const kubeletLabels = new Set([
  'kubernetes.io/hostname',
  'topology.kubernetes.io/zone',
  'topology.kubernetes.io/region',
  'failure-domain.beta.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region',
  'beta.kubernetes.io/instance-type',
  'node.kubernetes.io/instance-type',
  'kubernetes.io/os',
  'kubernetes.io/arch',
  'beta.kubernetes.io/os',
  'beta.kubernetes.io/arch',
])

/** Why a node may not write a Node like this: only itself, and nothing that would draw pods to it. */
export function nodeFault(nodeName: string, { name, operation, object, old }: AdmissionRequest): string | undefined {
  const self = `node ${quote(nodeName)}`
  if (name !== nodeName) return `${self} is not allowed to modify node ${quote(name)}`
  const node: (KubeObject & Partial<Node>) | undefined = object
  if (!node || (operation !== 'CREATE' && operation !== 'UPDATE')) return undefined
  const before: (KubeObject & Partial<Node>) | undefined = old
  const labels = forbiddenLabels(node.metadata.labels ?? {}, before?.metadata.labels ?? {})
  if (!before) {
    if (node.spec?.configSource) return `${self} is not allowed to create pods with a non-nil configSource`
    return labels.length > 0 ? `${self} is not allowed to set the following labels: ${labels.join(', ')}` : undefined
  }
  if (node.spec?.configSource && !jsonEqual(node.spec.configSource, before.spec?.configSource)) {
    return `${self} is not allowed to update configSource to a new non-nil configSource`
  }
  if (!jsonEqual(node.spec?.taints ?? [], before.spec?.taints ?? [])) return `${self} is not allowed to modify taints`
  if (!jsonEqual(node.metadata.ownerReferences ?? [], before.metadata.ownerReferences ?? [])) {
    return `${self} is not allowed to modify ownerReferences`
  }
  return labels.length > 0 ? `is not allowed to modify labels: ${labels.join(', ')}` : undefined
}

function forbiddenLabels(now: Record<string, string>, before: Record<string, string>): string[] {
  const changed = Object.keys({ ...before, ...now }).filter(label => now[label] !== before[label])
  return changed.filter(isForbidden).sort()
}

function isForbidden(label: string): boolean {
  const domain = label.includes('/') ? label.slice(0, label.indexOf('/')) : ''
  const isIn = (...domains: string[]) => domains.some(each => domain === each || domain.endsWith(`.${each}`))
  if (isIn('node-restriction.kubernetes.io')) return true
  const isAllowed = kubeletLabels.has(label) || isIn('kubelet.kubernetes.io', 'node.kubernetes.io')
  return isIn('kubernetes.io', 'k8s.io') && !isAllowed
}
