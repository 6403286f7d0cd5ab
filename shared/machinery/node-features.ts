import type { Container, Pod } from '../api/core.ts'
import { jsonEqual } from './json-value.ts'

/**
 * Features that kubelets declare in `status.declaredFeatures`, since not every version has them (KEP-5328): those of
 * k8s.io/component-helpers/nodedeclaredfeatures that v1.36 has by default.
 */
export type NodeFeature =
  | 'ExtendWebSocketsToKubelet'
  | 'InPlacePodLevelResourcesVerticalScaling'
  | 'InPlacePodVerticalScalingInitContainers'
  | 'RestartAllContainersOnContainerExits'

/** What a pod needs of any node (InferForPodScheduling). */
export function featuresToRun({ containers, initContainers = [] }: Pod['spec']): NodeFeature[] {
  const restartsAll = ({ restartPolicyRules = [] }: Container) =>
    restartPolicyRules.some(({ action }) => action === 'RestartAllContainers')
  return [...containers, ...initContainers].some(restartsAll) ? ['RestartAllContainersOnContainerExits'] : []
}

/** What a change of a pod needs of the node that it is on (InferForPodUpdate). */
export function featuresToUpdate(now: Pod['spec'], old: Pod['spec']): NodeFeature[] {
  const needed: NodeFeature[] = []
  if (!jsonEqual(now.resources ?? {}, old.resources ?? {})) needed.push('InPlacePodLevelResourcesVerticalScaling')
  const resized = (old.initContainers ?? []).some(
    ({ restartPolicy, resources = {} }, i) =>
      restartPolicy !== 'Always' && !jsonEqual(now.initContainers?.[i]?.resources ?? {}, resources),
  )
  if (resized) needed.push('InPlacePodVerticalScalingInitContainers')
  return needed
}
