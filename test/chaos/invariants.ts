import { readdirSync } from 'node:fs'
import type Docker from 'dockerode'
import type { ContainerInfo } from 'dockerode'
import type { Deployment } from '../../shared/api/apps.ts'
import type { Node, PersistentVolume, Pod } from '../../shared/api/core.ts'
import type { EndpointSlice } from '../../shared/api/discovery.ts'
import type { KubeList, KubeObject } from '../../shared/api/object.ts'
import { CLUSTER, CONTAINER_NAME, POD_UID, SANDBOX_ID, TYPE } from '../../main/kubelet/docker/labels.ts'
import type { Api } from '../helpers/api.ts'

interface World {
  api: Api
  docker: Docker
  cluster: string
}

/** Everything about a cluster that has come to rest that is not as it must be; empty where all is well. */
export async function violations({ api, docker, cluster }: World): Promise<string[]> {
  const list = async <T extends KubeObject>(path: string) =>
    (JSON.parse((await api.ask(path)).text) as KubeList<T>).items
  const pods = await list<Pod>('/api/v1/pods')
  const containers = await docker.listContainers({ all: true })
  const { Volumes } = await docker.listVolumes()
  const networks = (await docker.listNetworks()).map(({ Name }) => Name)
  const volumes = await list<PersistentVolume>('/api/v1/persistentvolumes')
  const directories = readdirSync(`/var/lib/podbay/${cluster}/${cluster}-node/pods`)
  return [
    ...(await list<Node>('/api/v1/nodes')).flatMap(unready),
    ...(await list<Deployment>('/apis/apps/v1/deployments')).flatMap(each => shortOf(each, pods)),
    ...(await list<EndpointSlice>('/apis/discovery.k8s.io/v1/endpointslices')).flatMap(each => stale(each, pods)),
    ...pods.flatMap(pod => amiss(pod, containers)),
    ...orphans(containers, pods),
    ...differences('network', networks, ['bridge', 'host', 'none', `podbay-${cluster}`]),
    ...differences(
      'volume',
      Volumes.map(({ Name }) => Name),
      volumes.map(({ metadata }) => `podbay.${cluster}.${metadata.name}`),
    ),
    ...differences(
      'directory of pod',
      directories,
      pods.map(({ metadata }) => metadata.uid),
    ),
  ]
}

/** What Docker and its host still have of a cluster that was deleted. */
export async function leftovers({ docker, cluster }: Omit<World, 'api'>): Promise<string[]> {
  const containers = (await docker.listContainers({ all: true })).flatMap(({ Names }) => Names)
  const { Volumes } = await docker.listVolumes()
  const networks = await docker.listNetworks({ filters: { label: [`${CLUSTER}=${cluster}`] } })
  const directories = readdirSync('/var/lib/podbay').filter(name => name === cluster)
  return [...containers, ...Volumes.map(({ Name }) => Name), ...networks.map(({ Name }) => Name), ...directories]
}

function unready({ metadata, status }: Node): string[] {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready')
  return ready?.status === 'True' ? [] : [`node ${metadata.name} is not ready: ${ready?.message}`]
}

function shortOf({ metadata, spec, status }: Deployment, pods: Pod[]): string[] {
  const own = pods.filter(pod => pod.metadata.labels?.['app'] === metadata.name).length
  const { observedGeneration, replicas, updatedReplicas, readyReplicas, availableReplicas } = status ?? {}
  const seen = [own, replicas, updatedReplicas, readyReplicas, availableReplicas]
  if (observedGeneration === metadata.generation && seen.every(count => count === spec.replicas)) return []
  return [`${metadata.name} has ${seen.join('/')} of ${spec.replicas} replicas`]
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

/** A pod that runs has one sandbox and one of each of its containers, which run in it, and its status names them. */
function amiss({ metadata, spec, status }: Pod, containers: ContainerInfo[]): string[] {
  const own = containers.filter(({ Labels }) => Labels[POD_UID] === metadata.uid)
  const running = own.filter(({ State }) => State === 'running')
  const [sandbox, ...others] = running.filter(({ Labels }) => Labels[TYPE] === 'podsandbox')
  const ip = Object.values(sandbox?.NetworkSettings.Networks ?? {})[0]?.IPAddress
  const names = spec.containers.map(({ name }) => name)
  const told = (status?.containerStatuses ?? []).map(({ containerID, state }) =>
    state?.running ? (containerID ?? '') : `docker://not running: ${JSON.stringify(state)}`,
  )
  const inside = running.filter(({ Labels }) => Labels[TYPE] === 'container')
  const faults = [
    ...(status?.phase === 'Running' && !metadata.deletionTimestamp ? [] : [`is ${status?.phase}`]),
    ...(sandbox && others.length === 0 ? [] : [`has ${others.length + (sandbox ? 1 : 0)} sandboxes`]),
    ...(ip === status?.podIP ? [] : [`has the address ${ip}, its status says ${status?.podIP}`]),
    ...differences(
      'container',
      inside.map(({ Labels }) => Labels[CONTAINER_NAME] ?? ''),
      names,
    ),
    ...differences(
      'status of container',
      told,
      inside.map(({ Id }) => `docker://${Id}`),
    ),
    ...inside.filter(({ Labels }) => Labels[SANDBOX_ID] !== sandbox?.Id).map(({ Id }) => `runs ${Id} elsewhere`),
    // Of each container the last that ended is kept, for its logs.
    ...names.flatMap(name => {
      const ended = own.filter(({ Labels, State }) => Labels[CONTAINER_NAME] === name && State !== 'running')
      return ended.length > 1 ? [`keeps ${ended.length} dead containers of ${name}`] : []
    }),
  ]
  return faults.map(fault => `pod ${metadata.name} ${fault}`)
}

function orphans(containers: ContainerInfo[], pods: Pod[]): string[] {
  const uids = new Set(pods.map(({ metadata }) => metadata.uid))
  const others = containers.filter(({ Labels }) => !uids.has(Labels[POD_UID] ?? ''))
  const agents = others.filter(({ Labels, State }) => Labels['podbay.agent'] === 'node' && State === 'running')
  const strangers = others.filter(each => !agents.includes(each)).map(({ Names, State }) => `${Names[0]} (${State})`)
  return [
    ...(agents.length === 1 ? [] : [`there are ${agents.length} node agents`]),
    ...strangers.map(name => `orphan container ${name}`),
  ]
}

/** Each of two lists' elements that the other has less often. */
function differences(what: string, found: string[], wanted: string[]): string[] {
  const left = [...found]
  const missing = wanted.filter(each => {
    const at = left.indexOf(each)
    if (at >= 0) left.splice(at, 1)
    return at < 0
  })
  return [...left.map(each => `${what} ${each} should not be`), ...missing.map(each => `${what} ${each} is missing`)]
}
