import type { CronJob, Job } from '../../../../shared/api/batch.ts'
import type { Deployment } from '../../../../shared/api/apps.ts'
import type { Container, Pod, PodTemplate, PodTemplateSpec } from '../../../../shared/api/core.ts'
import type { KubeObject } from '../../../../shared/api/object.ts'
import { groupResourceOf, type ResourceRef } from '../../../../shared/api/ref.ts'
import type { PodLike } from './containers.ts'

const ofSpec = (object: KubeObject) => (object as Deployment | Job).spec.template
const templates = new Map<string, (object: KubeObject) => PodTemplateSpec | undefined>([
  ['podtemplates', object => (object as PodTemplate).template],
  ['replicationcontrollers', ofSpec],
  ['replicasets.apps', ofSpec],
  ['deployments.apps', ofSpec],
  ['statefulsets.apps', ofSpec],
  ['daemonsets.apps', ofSpec],
  ['jobs.batch', ofSpec],
  ['cronjobs.batch', object => (object as CronJob).spec.jobTemplate.spec?.template],
])

/** Whether objects of a kind have templates of pods. */
export const hasTemplate = (ref: Pick<ResourceRef, 'group' | 'resource'>): boolean =>
  templates.has(groupResourceOf(ref))

/** The pods that an object of such a kind will make, if it says what they are. */
export function templateOf(ref: Pick<ResourceRef, 'group' | 'resource'>, object: KubeObject): PodLike | undefined {
  const template = templates.get(groupResourceOf(ref))?.(object)
  return template?.spec && { annotations: template.metadata?.annotations ?? {}, spec: template.spec }
}

export const podOf = ({ metadata, spec }: Pod): PodLike => ({ annotations: metadata.annotations ?? {}, spec })

/** Whether an update gives a pod other containers or images: all else that matters stays as it is (isSignificantPodUpdate). */
export function isSignificant({ spec }: Pod, { spec: old }: Pod): boolean {
  const differ = (now: readonly Container[] = [], before: readonly Container[] = []) =>
    now.length !== before.length || now.some((container, i) => container.image !== before[i]?.image)
  const debuggers = new Map(old.ephemeralContainers?.map(({ name, image }) => [name, image]))
  return (
    differ(spec.containers, old.containers) ||
    differ(spec.initContainers, old.initContainers) ||
    (spec.ephemeralContainers ?? []).some(({ name, image }) => !debuggers.has(name) || debuggers.get(name) !== image)
  )
}
