import { toError } from '../to-error.ts'
import {
  forExternal,
  forObject,
  forPods,
  forResource,
  type MetricSpec,
  type Proposal,
  type Situation,
} from './proposal.ts'

/** Why a metric says nothing: reason and message of its event and of the condition ScalingActive. */
export interface Refusal {
  reason: string
  message: string
  /** The message with the metric that it is about. */
  full: string
}

type Outcome = { proposal: Proposal; refusal?: undefined } | { refusal: Refusal; proposal?: undefined }

/** How many replicas a metric asks for, or why nobody knows (horizontal.go computeReplicasForMetric). */
export async function propose(spec: MetricSpec, situation: Situation): Promise<Outcome> {
  const { reason, about, proposal } = sourceOf(spec, situation)
  try {
    return { proposal: await proposal() }
  } catch (error) {
    const { message } = toError(error)
    return { refusal: { reason, message, full: `failed to get ${about}: ${message}` } }
  }
}

interface Source {
  reason: string
  about: string
  proposal: () => Promise<Proposal>
}

function sourceOf(spec: MetricSpec, situation: Situation): Source {
  const { type, resource, containerResource, pods, object, external } = spec
  if (resource) {
    return {
      reason: 'FailedGetResourceMetric',
      about: `${resource.name} resource metric value`,
      async proposal() {
        const { current, ...rest } = await forResource(resource, situation)
        return { ...rest, status: { type, resource: { name: resource.name, current } } }
      },
    }
  }
  if (containerResource) {
    const { name, container } = containerResource
    return {
      reason: 'FailedGetContainerResourceMetric',
      about: `${container} container metric value`,
      async proposal() {
        const { current, ...rest } = await forResource(containerResource, situation)
        return { ...rest, status: { type, containerResource: { name, container, current } } }
      },
    }
  }
  if (pods) {
    const proposal = () => forPods(pods, situation)
    return { reason: 'FailedGetPodsMetric', about: 'pods metric value', proposal }
  }
  if (object) {
    const inner = object.target.type === 'Value' ? '' : `: failed to get ${object.metric.name} object metric`
    const proposal = () => forObject(object, situation)
    return { reason: 'FailedGetObjectMetric', about: `object metric value${inner}`, proposal }
  }
  if (external) {
    const { name } = external.metric
    const inner = external.target.averageValue === undefined ? `external metric ${name}` : `${name} external metric`
    return {
      reason: 'FailedGetExternalMetric',
      about: `${name} external metric value: failed to get ${inner}`,
      proposal: () => forExternal(external, situation),
    }
  }
  const unknown = `unknown metric source type "${type}"`
  return { reason: 'InvalidMetricSourceType', about: 'metric', proposal: () => Promise.reject(new Error(unknown)) }
}
