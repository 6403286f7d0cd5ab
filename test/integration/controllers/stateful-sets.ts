import { statefulSets, type StatefulSet } from '../../../shared/api/apps.ts'
import { pods, type Pod } from '../../../shared/api/core.ts'
import type { Draft } from '../../../shared/api/object.ts'
import { keyOf } from '../../../shared/client/key.ts'
import { toTime } from '../../../shared/machinery/clock.ts'
import type { TestCluster } from './start-controllers.ts'

export const webKey = { namespace: 'default', name: 'web' }
const merge = 'application/merge-patch+json'

/** The `web` of Kubernetes' StatefulSet tutorial, without storage. */
export function web(spec: Partial<StatefulSet['spec']> & { image?: string } = {}): Draft<StatefulSet> {
  const { image = 'nginx:1', ...rest } = spec
  const selector = { matchLabels: { app: 'nginx' } }
  const containers = [{ name: 'nginx', image }]
  return {
    metadata: webKey,
    spec: {
      serviceName: 'nginx',
      replicas: 3,
      selector,
      template: { metadata: { labels: { app: 'nginx' } }, spec: { containers } },
      ...rest,
    },
  }
}

/** The tutorial's claim template. */
export const www = {
  metadata: { name: 'www' },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
}

export const patchWeb = ({ client }: TestCluster, spec: object) =>
  client.patch(statefulSets, webKey, { type: merge, body: { spec } })

export const setImage = (cluster: TestCluster, image: string) =>
  patchWeb(cluster, { template: { spec: { containers: [{ name: 'nginx', image }] } } })

export const podsOf = ({ informers }: TestCluster): Pod[] =>
  informers
    .informer(pods)
    .list('default')
    .sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))

export const podNames = (cluster: TestCluster) => podsOf(cluster).map(pod => pod.metadata.name)

/** Images by pod, e.g. `web-0=nginx:1`. */
export const images = (cluster: TestCluster) =>
  podsOf(cluster).map(({ metadata, spec }) => `${metadata.name}=${spec.containers[0]?.image ?? ''}`)

/** Waits until the set has seen its last change and its status agrees. */
export const untilWeb = ({ until }: TestCluster, expected: Partial<NonNullable<StatefulSet['status']>>) =>
  until(statefulSets, lister => {
    const set = lister.get(webKey)
    const status = set?.status as Record<string, unknown> | undefined
    return (
      set?.metadata.generation === status?.['observedGeneration'] &&
      Object.entries(expected).every(([field, value]) => (status?.[field] ?? 0) === value)
    )
  })

/** What a kubelet would report of a pod, for tests that play it by hand. */
export async function report(
  { client, clock }: TestCluster,
  pod: Pod | undefined,
  phase: 'Running' | 'Failed' | 'Succeeded',
): Promise<void> {
  if (!pod) throw new Error('no pod to report of')
  const lastTransitionTime = toTime(clock.now())
  const ready = { type: 'Ready', status: phase === 'Running' ? 'True' : 'False', lastTransitionTime }
  await client.patch(pods, keyOf(pod), {
    type: merge,
    body: { status: { phase, conditions: [ready] } },
    subresource: 'status',
  })
}
