import { deployments, replicaSets, type Deployment } from '../../shared/api/apps.ts'
import {
  nodes,
  persistentVolumeClaims,
  pods,
  services,
  type KubeEvent,
  type Node,
  type PersistentVolumeClaim,
  type Pod,
  type Service,
} from '../../shared/api/core.ts'
import type { KubeObject } from '../../shared/api/object.ts'
import { groupResourceOf, type ResourceRef } from '../../shared/api/ref.ts'
import type { HostStatus } from '../../shared/contract/host.ts'
import type { StatusContext } from '../status/status.ts'
import { whyClaim } from './why-claim.ts'
import { whyNode } from './why-node.ts'
import { whyPod } from './why-pod.ts'
import { whyDeployment, whyPods, whyService } from './why-workload.ts'
import type { Why } from './why.ts'

/** Everything the explanations may look at. */
export interface ClusterEvidence {
  context: StatusContext
  pods: readonly Pod[]
  nodes: readonly Node[]
  eventsOf: (uid: string) => readonly KubeEvent[]
  docker: HostStatus['docker'] | undefined
}

/** Why an object isn't as wanted, for the kinds that can be explained; undefined if it is, or can't be. */
export function whyOf(ref: ResourceRef, object: KubeObject, evidence: ClusterEvidence): Why | undefined {
  const { context, eventsOf } = evidence
  const { now } = context
  const children = context.children(object.metadata.uid)
  switch (groupResourceOf(ref)) {
    case groupResourceOf(pods):
      return whyPod({ pod: object as Pod, events: eventsOf(object.metadata.uid), nodes: evidence.nodes, now })
    case groupResourceOf(deployments): {
      const own = children.flatMap(rs => context.children(rs.metadata.uid)) as Pod[]
      return whyDeployment(object as Deployment, { pods: own, eventsOf, now })
    }
    case groupResourceOf(replicaSets):
    case 'statefulsets.apps':
    case 'daemonsets.apps':
      return whyPods({ pods: children as Pod[], eventsOf, now })
    case groupResourceOf(services):
      return whyService(object as Service, { pods: evidence.pods, now })
    case groupResourceOf(nodes):
      return whyNode(object, evidence.docker)
    case groupResourceOf(persistentVolumeClaims):
      return whyClaim(object as PersistentVolumeClaim, eventsOf(object.metadata.uid))
    default:
      return undefined
  }
}
