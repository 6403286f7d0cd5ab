import { nodes, type Binding, type Pod } from '../../../shared/api/core.ts'
import type { KubeObject } from '../../../shared/api/object.ts'
import type { Store } from '../../store/store.ts'
import { find } from '../registry/find.ts'
import type { AdmissionPlugin, AdmissionRequest } from './admission.ts'

const labels = ['topology.kubernetes.io/zone', 'topology.kubernetes.io/region']

/** Gives pods the zone and region of their node as labels, so that containers can know them (plugin/pkg/admission/podtopologylabels, KEP-4742). */
export function podTopologyLabels(store: Store): AdmissionPlugin {
  return {
    name: 'PodTopologyLabels',
    mutate(request) {
      const { object } = request
      const name = object && nodeNameOf(request, object)
      const node = name ? find(store, nodes, { namespace: '', name }) : undefined
      const given = Object.entries(node?.metadata.labels ?? {}).filter(([label]) => labels.includes(label))
      if (!object || given.length === 0) return undefined
      object.metadata.labels = { ...object.metadata.labels, ...Object.fromEntries(given) }
      return undefined
    },
  }
}

/** The node of a pod that has one, or that it is being bound to. */
function nodeNameOf(
  { operation, resource: { ref }, subresource }: AdmissionRequest,
  object: KubeObject,
): string | undefined {
  if (operation !== 'CREATE' || ref.group !== '' || ref.resource !== 'pods') return undefined
  if (subresource === '') return (object as Pod).spec.nodeName
  if (subresource !== 'binding') return undefined
  const { target } = object as Binding
  return target.kind === 'Node' ? target.name : undefined
}
