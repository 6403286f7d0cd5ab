import type Docker from 'dockerode'
import type { StatefulSet, Deployment } from '../../shared/api/apps.ts'
import type { Job } from '../../shared/api/batch.ts'
import type { Node, PersistentVolume, Pod } from '../../shared/api/core.ts'
import type { EndpointSlice } from '../../shared/api/discovery.ts'
import type { KubeList, KubeObject } from '../../shared/api/object.ts'
import type { Api } from '../helpers/api.ts'
import { differences } from './differences.ts'
import { cgroupsOf, clustersOnHost, directoriesOf, mountsOf } from './host.ts'
import { hasCgroup, isOver, localUid, orphans, podFaults } from './pod-invariants.ts'

interface World {
  api: Api
  docker: Docker
  cluster: string
  /** All nodes that there are to be. */
  nodes: string[]
}

/** Everything about a cluster that has come to rest that is not as it must be; empty where all is well. */
export async function violations({ api, docker, cluster, nodes }: World): Promise<string[]> {
  const list = async <T extends KubeObject>(path: string) =>
    (JSON.parse((await api.ask(path)).text) as KubeList<T>).items
  const pods = await list<Pod>('/api/v1/pods')
  const alive = pods.filter(pod => !isOver(pod))
  const containers = await docker.listContainers({ all: true })
  const { Volumes } = await docker.listVolumes()
  const networks = (await docker.listNetworks()).map(({ Name }) => Name)
  const volumes = await list<PersistentVolume>('/api/v1/persistentvolumes')
  const known = new Set(pods.map(localUid))
  const running = new Set(alive.map(localUid))
  return [
    ...nodesAmiss(await list<Node>('/api/v1/nodes'), nodes),
    ...(await list<Deployment>('/apis/apps/v1/deployments')).flatMap(each => shortOf(each, alive)),
    ...(await list<StatefulSet>('/apis/apps/v1/statefulsets')).flatMap(each => shortOf(each, alive)),
    ...(await list<Job>('/apis/batch/v1/jobs')).flatMap(undone),
    ...(await list<EndpointSlice>('/apis/discovery.k8s.io/v1/endpointslices')).flatMap(each => stale(each, alive)),
    ...pods.flatMap(pod => podFaults(pod, containers)),
    ...orphans(containers, { uids: known, nodes }),
    ...differences('network', networks, ['bridge', 'host', 'none', `podbay-${cluster}`]),
    ...differences(
      'volume',
      Volumes.map(({ Name }) => Name),
      volumes.map(({ metadata }) => `podbay.${cluster}.${metadata.name}`),
    ),
    ...differences('directory of pod', directoriesOf(cluster), [...running]),
    ...mountsOf(cluster).flatMap(({ path, podUid }) => (running.has(podUid) ? [] : [`${path} is still mounted`])),
    ...differences('cgroup of pod', cgroupsOf(cluster), alive.filter(hasCgroup).map(localUid)),
  ]
}

/** What Docker and its host still have of a cluster that was deleted. */
export async function leftovers({ docker, cluster }: Pick<World, 'docker' | 'cluster'>): Promise<string[]> {
  const containers = (await docker.listContainers({ all: true })).flatMap(({ Names }) => Names)
  const { Volumes } = await docker.listVolumes()
  const networks = (await docker.listNetworks()).map(({ Name }) => Name)
  return [
    ...containers,
    ...Volumes.map(({ Name }) => Name),
    ...networks.filter(name => !['bridge', 'host', 'none'].includes(name)),
    ...clustersOnHost().filter(name => name === cluster),
    ...mountsOf(cluster).map(({ path }) => path),
    ...cgroupsOf(cluster),
  ]
}

function nodesAmiss(found: Node[], wanted: string[]): string[] {
  const names = found.map(({ metadata }) => metadata.name)
  return [...differences('node', names, wanted), ...found.flatMap(unready)]
}

function unready({ metadata, spec, status }: Node): string[] {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready')
  return [
    ...(ready?.status === 'True' ? [] : [`node ${metadata.name} is not ready: ${ready?.message}`]),
    ...(spec?.taints ?? []).map(({ key }) => `node ${metadata.name} has the taint ${key}`),
  ]
}

function shortOf({ metadata, spec, status }: Deployment | StatefulSet, pods: Pod[]): string[] {
  const own = pods.filter(pod => pod.metadata.labels?.['app'] === metadata.name).length
  const { observedGeneration, replicas, updatedReplicas, readyReplicas, availableReplicas } = status ?? {}
  const seen = [own, replicas, updatedReplicas, readyReplicas, availableReplicas]
  if (observedGeneration === metadata.generation && seen.every(count => count === spec.replicas)) return []
  return [`${metadata.name} has ${seen.join('/')} of ${spec.replicas} replicas`]
}

/** Pods that were lost count for nothing, and none counts twice. */
function undone({ metadata, spec, status }: Job): string[] {
  const { succeeded, active, ready, conditions = [] } = status ?? {}
  const complete = conditions.some(({ type, status: is }) => type === 'Complete' && is === 'True')
  if (complete && succeeded === spec.completions && !active && !ready) return []
  return [`${metadata.name} completed ${succeeded ?? 0} of ${spec.completions}, ${active ?? 0} active`]
}

function stale({ metadata, endpoints }: EndpointSlice, pods: Pod[]): string[] {
  const service = metadata.labels?.['kubernetes.io/service-name']
  const own = pods.filter(pod => pod.metadata.labels?.['app'] === service)
  if (own.length === 0) return []
  const ready = (endpoints ?? []).filter(({ conditions }) => conditions?.ready).flatMap(({ addresses }) => addresses)
  return differences(
    `endpoint of ${service}`,
    ready,
    own.map(({ status }) => status?.podIP ?? 'none'),
  )
}
