import { pods, type Pod, type PodTemplateSpec } from '../../shared/api/core.ts'
import type { KubeObject } from '../../shared/api/object.ts'
import type { ResourceRef } from '../../shared/api/ref.ts'
import type { ControllerContext } from '../../shared/client/controller.ts'
import { keyOf } from '../../shared/client/key.ts'
import { controllerRef } from '../../shared/client/watches.ts'
import { isNotFound } from '../../shared/machinery/status.ts'
import { isNamespaceTerminating } from './namespace-terminating.ts'
import { slowStart } from './slow-start.ts'
import { toError } from './to-error.ts'

/** Most pods created or deleted in one go. */
export const burst = 500

interface Owner {
  owner: KubeObject
  ownerKind: ResourceRef
}

/** One pod to create; its name begins with the owner's if nothing is said. */
export interface NewPod {
  template: PodTemplateSpec
  generateName?: string
}

/**
 * Creates pods of an owner and waits until the informer has seen them (pkg/controller/controller_utils.go
 * RealPodControl). Returns the first failure, which also is an Event; a namespace that is going is none.
 */
export async function createPods(
  { owner, ownerKind }: Owner,
  wanted: readonly NewPod[],
  { client, informers, recorder, signal }: ControllerContext,
): Promise<Error | undefined> {
  const { namespace = '', name } = owner.metadata
  const rest = [...wanted]
  const newest: string[] = []
  const { failures } = await slowStart(wanted.length, async () => {
    const { template, generateName = `${name}-` } = rest.shift() ?? { template: {} }
    const { labels = {}, annotations = {}, finalizers = [] } = template.metadata ?? {}
    const ownerReferences = [controllerRef(owner, ownerKind)]
    const pod = await client.create(pods, {
      metadata: { namespace, generateName, labels, annotations, finalizers, ownerReferences },
      spec: template.spec ?? { containers: [] },
    })
    recorder.event(owner, 'Normal', 'SuccessfulCreate', `Created pod: ${pod.metadata.name}`)
    newest.push(pod.metadata.resourceVersion ?? '0')
  })
  await Promise.all(newest.map(version => informers.informer(pods).reached(version, signal)))
  const error = failures.find(each => !isNamespaceTerminating(each))
  if (error) recorder.event(owner, 'Warning', 'FailedCreate', `Error creating: ${error.message}`)
  return error
}

/**
 * Deletes pods of an owner and waits until the informer has seen that they go. Returns the first failure; each is an
 * Event.
 */
export async function deletePods(
  owner: KubeObject,
  doomed: readonly Pod[],
  { client, informers, recorder, signal }: ControllerContext,
): Promise<Error | undefined> {
  const informer = informers.informer(pods)
  const results = await Promise.allSettled(
    doomed.map(async pod => {
      try {
        await client.delete(pods, keyOf(pod), { preconditions: { uid: pod.metadata.uid } })
      } catch (error) {
        if (isNotFound(error)) return
        recorder.event(owner, 'Warning', 'FailedDelete', `Error deleting: ${toError(error).message}`)
        throw error
      }
      recorder.event(owner, 'Normal', 'SuccessfulDelete', `Deleted pod: ${pod.metadata.name}`)
      await informer.until(() => isGoing(pod, informer.get(keyOf(pod))), signal)
    }),
  )
  const failed = results.find(result => result.status === 'rejected')
  return failed && toError(failed.reason)
}

const isGoing = ({ metadata }: Pod, seen: Pod | undefined) =>
  seen?.metadata.uid !== metadata.uid || seen.metadata.deletionTimestamp !== undefined
