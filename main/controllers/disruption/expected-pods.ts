import { deployments, replicaSets, statefulSets } from '../../../shared/api/apps.ts'
import { replicationControllers, type Pod } from '../../../shared/api/core.ts'
import type { KubeObject, OwnerReference } from '../../../shared/api/object.ts'
import type { PodDisruptionBudget } from '../../../shared/api/policy.ts'
import type { ResourceRef } from '../../../shared/api/ref.ts'
import type { ControllerContext } from '../../../shared/client/controller.ts'
import { controllerOf, refersTo } from '../../../shared/client/watches.ts'
import { scaledValue } from '../../../shared/machinery/int-or-percent.ts'
import { readScale, scalePath } from '../scale.ts'

type Context = Pick<ControllerContext, 'client' | 'informers'>
type Workload = KubeObject & { spec: { replicas?: number } }

export interface Expected {
  /** Pods there should be, and of these how many must be healthy. */
  pods: number
  healthy: number
  /** Names of pods that nobody controls, where controllers had to be asked. */
  unmanaged: string[]
}

/**
 * How many pods a budget expects (disruption.go getExpectedPodCount): as many as there are if it names a number that must
 * be available, else as many as their controllers want. Throws if a controller's scale can't be told.
 */
export async function expectedPods(
  { spec }: PodDisruptionBudget,
  pods: readonly Pod[],
  context: Context,
): Promise<Expected> {
  const { minAvailable, maxUnavailable } = spec
  if (maxUnavailable === undefined && typeof minAvailable !== 'string') {
    return minAvailable === undefined
      ? { pods: 0, healthy: 0, unmanaged: [] }
      : { pods: pods.length, healthy: minAvailable, unmanaged: [] }
  }
  const { total, unmanaged } = await controllersScale(pods, context)
  const scaled = scaledValue(maxUnavailable ?? minAvailable ?? 0, { total, round: 'up' }) ?? 0
  const healthy = maxUnavailable === undefined ? scaled : Math.max(0, total - scaled)
  return { pods: total, healthy, unmanaged }
}

async function controllersScale(pods: readonly Pod[], context: Context) {
  const scales = new Map<string, number>()
  const unmanaged: string[] = []
  for (const pod of pods) {
    const controller = controllerOf(pod)
    if (!controller) unmanaged.push(pod.metadata.name)
    else if (!scales.has(controller.uid)) {
      const found = await scaleOf(controller, pod.metadata.namespace ?? '', context)
      if (!found) throw new Error(`found no controllers for pod "${pod.metadata.name}"`)
      scales.set(controller.uid, 0)
      scales.set(found.uid, found.replicas)
    }
  }
  return { total: [...scales.values()].reduce((sum, replicas) => sum + replicas, 0), unmanaged }
}

/** The controller that decides, which is a ReplicaSet's Deployment if it has one, and how many pods it wants. */
async function scaleOf(
  owner: OwnerReference,
  namespace: string,
  { client, informers }: Context,
): Promise<{ uid: string; replicas: number } | undefined> {
  function lookUp<T extends Workload>(ref: ResourceRef<T>, wanted: OwnerReference): T | undefined {
    if (!refersTo(wanted, ref)) return undefined
    const found = informers.informer(ref).get({ namespace, name: wanted.name })
    return found?.metadata.uid === wanted.uid ? found : undefined
  }
  const replicaSet = lookUp(replicaSets, owner)
  const above = replicaSet && controllerOf(replicaSet)
  const isDeployed = above !== undefined && refersTo(above, deployments)
  const workload = isDeployed
    ? lookUp(deployments, above)
    : (replicaSet ?? lookUp(statefulSets, owner) ?? lookUp(replicationControllers, owner))
  if (workload) return { uid: workload.metadata.uid, replicas: workload.spec.replicas ?? 1 }
  const { kind, name, apiVersion } = owner
  const scale = await readScale(client, await scalePath(client, { apiVersion, kind, name, namespace }))
  return scale?.metadata.uid === owner.uid ? { uid: owner.uid, replicas: scale.spec?.replicas ?? 0 } : undefined
}
