import { nodes, type Pod } from '../../../shared/api/core.ts'
import { featuresToUpdate } from '../../../shared/machinery/node-features.ts'
import { forbidden } from '../../../shared/machinery/status.ts'
import type { Store } from '../../store/store.ts'
import { subjectOf } from '../registry/core.ts'
import { find } from '../registry/find.ts'
import type { AdmissionPlugin } from './admission.ts'

/** A pod can't be changed in a way that its node does not declare to know (plugin/pkg/admission/nodedeclaredfeatures). */
export function nodeDeclaredFeatureValidator(store: Store): AdmissionPlugin {
  return {
    name: 'NodeDeclaredFeatureValidator',
    validate({ operation, resource, subresource, name, object, old }) {
      const { ref } = resource
      if (operation !== 'UPDATE' || ref.group !== '' || ref.resource !== 'pods') return undefined
      if (subresource !== '' && subresource !== 'resize') return undefined
      const { metadata, spec } = object as Pod
      if (!spec.nodeName || metadata.generation === old?.metadata.generation) return undefined
      const needed = featuresToUpdate(spec, (old as Pod).spec)
      if (needed.length === 0) return undefined
      const refuse = (why: string) => forbidden(subjectOf(resource, name), why)
      const node = find(store, nodes, { namespace: '', name: spec.nodeName })
      if (!node) return refuse(`node "${spec.nodeName}" not found`)
      const lacking = needed.filter(feature => !node.status?.declaredFeatures?.includes(feature))
      if (lacking.length === 0) return undefined
      return refuse(
        `pod update requires features ${lacking.join(', ')} which are not available on node "${spec.nodeName}"`,
      )
    },
  }
}
