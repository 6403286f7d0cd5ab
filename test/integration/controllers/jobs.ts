import { jobs, type Job, type JobSpec } from '../../../shared/api/batch.ts'
import { pods, type Pod } from '../../../shared/api/core.ts'
import type { Draft } from '../../../shared/api/object.ts'
import type { Lister } from '../../../shared/client/informer.ts'
import { keyOf } from '../../../shared/client/key.ts'
import { toTime } from '../../../shared/machinery/clock.ts'
import type { TestCluster } from './start-controllers.ts'

export const jobKey = { namespace: 'default', name: 'work' }

/** A Job of one container per pod. */
export function job(spec: Partial<JobSpec> & { restartPolicy?: string } = {}): Draft<Job> {
  const { restartPolicy = 'Never', ...rest } = spec
  return {
    metadata: jobKey,
    spec: { template: { spec: { restartPolicy, containers: [{ name: 'main', image: 'work:1' }] } }, ...rest },
  }
}

export const statusOf = (lister: Lister<Job>) => lister.get(jobKey)?.status ?? {}

/** Whether the Job has this condition, with this reason. */
export function has(lister: Lister<Job>, type: string, reason?: string): boolean {
  const condition = statusOf(lister).conditions?.find(each => each.type === type)
  return condition?.status === 'True' && (reason === undefined || condition.reason === reason)
}

/** Pods that have not ended and are not going, in the order of their indexes and names. */
export function running({ informers }: TestCluster): Pod[] {
  const active = informers
    .informer(pods)
    .list('default')
    .filter(({ metadata, status }) => status?.phase === 'Pending' && !metadata.deletionTimestamp)
  return active.sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1))
}

const sortKey = ({ metadata }: Pod) =>
  `${metadata.annotations?.['batch.kubernetes.io/job-completion-index'] ?? ''} ${metadata.name}`

/** Waits until so many pods of the Job run, and gives them. */
export async function whenRunning(cluster: TestCluster, count: number): Promise<Pod[]> {
  await cluster.until(pods, () => running(cluster).length === count)
  await cluster.until(jobs, lister => (statusOf(lister).active ?? 0) === count)
  return running(cluster)
}

/** Ends a pod, as its kubelet would report it. */
export async function end({ client, clock }: TestCluster, pod: Pod | undefined, exitCode = 0): Promise<void> {
  if (!pod) throw new Error('no pod to end')
  const now = toTime(clock.now())
  const state = { terminated: { exitCode, startedAt: now, finishedAt: now } }
  const status = { name: 'main', image: 'work:1', imageID: '', ready: false, restartCount: 0, state }
  const phase = exitCode === 0 ? 'Succeeded' : 'Failed'
  const body = { status: { phase, containerStatuses: [status] } }
  await client.patch(pods, keyOf(pod), { type: 'application/merge-patch+json', body, subresource: 'status' })
}
