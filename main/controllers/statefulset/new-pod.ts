import { statefulSets, type StatefulSet } from '../../../shared/api/apps.ts'
import type { Pod, PodTemplateSpec } from '../../../shared/api/core.ts'
import type { Draft } from '../../../shared/api/object.ts'
import { controllerRef } from '../../../shared/client/watches.ts'
import { revisionLabel } from '../history/revisions.ts'
import { volumesWithClaims } from './claims.ts'

/** The template that a new pod gets and the name of its revision. */
export interface Version {
  template: PodTemplateSpec
  revision: string
}

/** A pod of a set with its identity, network identity and storage (statefulset newStatefulSetPod). */
export function newPod(set: StatefulSet, ordinal: number, { template, revision }: Version): Draft<Pod> {
  const { namespace = '', name: setName } = set.metadata
  const name = `${setName}-${ordinal}`
  const { labels, annotations = {}, finalizers = [] } = template.metadata ?? {}
  const spec = template.spec ?? { containers: [] }
  const volumes = volumesWithClaims(set, ordinal, spec.volumes)
  const { serviceName } = set.spec
  return {
    metadata: {
      namespace,
      name,
      labels: { ...labels, ...identityLabels(name, ordinal), [revisionLabel]: revision },
      annotations,
      finalizers,
      ownerReferences: [controllerRef(set, statefulSets)],
    },
    spec: { ...spec, hostname: name, ...(serviceName && { subdomain: serviceName }), volumes },
  }
}

/** The labels that tell which pod of its set a pod is. */
export function identityLabels(name: string, ordinal: number): Record<string, string> {
  return { 'statefulset.kubernetes.io/pod-name': name, 'apps.kubernetes.io/pod-index': String(ordinal) }
}
