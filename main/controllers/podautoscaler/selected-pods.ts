import type { HorizontalPodAutoscaler } from '../../../shared/api/autoscaling.ts'
import { pods, type Pod } from '../../../shared/api/core.ts'
import type { Informers } from '../../../shared/client/informer.ts'
import { keyOf, keyText } from '../../../shared/client/key.ts'
import { matchesRequirements, parseLabelSelector, type Requirement } from '../../../shared/machinery/selectors.ts'
import { toError } from '../to-error.ts'

/** By `namespace/name`, the selectors that autoscalers have last met in their targets. */
export type Selectors = Map<string, readonly Requirement[]>

/** Why pods can't be told: reasons of the event and of the condition ScalingActive, and their messages. */
interface Unselected {
  event: string
  error: string
  reason: string
  message: string
}

/** The pods of the target's selector, unless another autoscaler scales one of them, too (validateAndParseSelector). */
export function selectedPods(
  autoscaler: HorizontalPodAutoscaler,
  { selector, selectors, informers }: { selector: string; selectors: Selectors; informers: Informers },
): { pods: Pod[] } | Unselected {
  if (selector === '') {
    const message = "the HPA target's scale is missing a selector"
    return { event: 'SelectorRequired', error: 'selector is required', reason: 'InvalidSelector', message }
  }
  let requirements: Requirement[]
  try {
    requirements = parseLabelSelector(selector)
  } catch (error) {
    const message = `couldn't convert selector into a corresponding internal selector object: ${toError(error).message}`
    return { event: 'InvalidSelector', error: message, reason: 'InvalidSelector', message }
  }
  const key = keyText(keyOf(autoscaler))
  selectors.set(key, requirements)
  const { namespace = '' } = autoscaler.metadata
  const selects = (pod: Pod, wanted: readonly Requirement[]) => matchesRequirements(wanted, pod.metadata.labels)
  const selected = informers
    .informer(pods)
    .list(namespace)
    .filter(pod => selects(pod, requirements))
  const rivals = [...selectors].filter(
    ([other, wanted]) => other.startsWith(`${namespace}/`) && selected.some(pod => selects(pod, wanted)),
  )
  if (rivals.length <= 1) return { pods: selected }
  const names = rivals.map(([other]) => `{${other.slice(namespace.length + 1)} ${namespace}}`).sort()
  const message = `pods by selector ${selector} are controlled by multiple HPAs: [${names.join(' ')}]`
  return { event: 'AmbiguousSelector', error: message, reason: 'AmbiguousSelector', message }
}
