import { computed } from 'vue'
import type { KubeObject } from '../../shared/api/object.ts'
import type { ResourceRef } from '../../shared/api/ref.ts'
import { objects } from '../live/cluster-model.ts'
import { useSession } from '../session.ts'
import { statusOf } from '../status/status-of.ts'
import type { StatusContext } from '../status/status.ts'
import { whyOf, type ClusterEvidence } from '../why/why-of.ts'
import { useSlowNow } from './use-now.ts'

/** States and explanations of objects, as reactive functions. */
export function useStatus() {
  const { model, status } = useSession()
  const now = useSlowNow()
  const context = computed<StatusContext>(() => ({ ...model.context.value, now: now.value }))
  const evidence = computed<ClusterEvidence>(() => ({
    context: context.value,
    pods: objects(model.pods),
    nodes: objects(model.nodes),
    eventsOf: uid => model.eventsOf.value.get(uid) ?? [],
    docker: status.value?.docker,
  }))
  return {
    context,
    evidence,
    statusOf: (object: KubeObject) => statusOf(object, context.value),
    whyOf: (ref: ResourceRef, object: KubeObject) => whyOf(ref, object, evidence.value),
  }
}
