import type { Node, Pod } from '../../../shared/api/core.ts'
import type { KubeObject } from '../../../shared/api/object.ts'
import { createCache } from '../../../shared/client/create-cache.ts'
import type { Lister } from '../../../shared/client/informer.ts'
import { decide, type Decision } from '../decide.ts'
import { createNodeInfos } from '../node-infos.ts'
import { podInfoOf } from '../pod-info.ts'
import type { Cluster, Listers } from '../plugin.ts'
import { defaultProfile, type Profile } from '../profile.ts'

type Requests = Record<string, string>
type Labels = Record<string, string>

/** A node of 2 CPUs and 4 GiB, unless said otherwise. */
export function testNode(
  name: string,
  more: { spec?: Node['spec']; labels?: Labels; allocatable?: Requests; images?: Record<string, number> } = {},
): Node {
  const images = Object.entries(more.images ?? {}).map(([image, sizeBytes]) => ({ names: [image], sizeBytes }))
  return {
    metadata: { name, uid: name, labels: { 'kubernetes.io/hostname': name, ...more.labels } },
    ...(more.spec && { spec: more.spec }),
    status: { allocatable: { cpu: '2', memory: '4Gi', pods: '110', ...more.allocatable }, images },
  }
}

/** A pod of one container. */
export function testPod(
  name: string,
  more: { requests?: Requests; labels?: Labels; namespace?: string; spec?: Partial<Pod['spec']> } = {},
): Pod {
  const { requests = {}, labels = {}, namespace = 'default', spec } = more
  return {
    metadata: { name, namespace, uid: `${namespace}/${name}`, labels },
    spec: { containers: [{ name: 'main', image: 'x', resources: { requests } }], ...spec },
  }
}

type Objects = { [Kind in keyof Listers]?: Listers[Kind] extends Lister<infer T> ? T[] : never }

/** Nodes, pods that are on them, and whatever else plugins look up. */
export function createTestCluster(nodes: Node[], placed: [Pod, string][] = [], objects: Objects = {}): Cluster {
  const infos = createNodeInfos()
  for (const node of nodes) infos.setNode(node)
  for (const [pod, node] of placed) infos.put(podInfoOf(pod), node)
  const listers: Listers = {
    namespaces: listerOf(objects.namespaces),
    services: listerOf(objects.services),
    replicationControllers: listerOf(objects.replicationControllers),
    replicaSets: listerOf(objects.replicaSets),
    statefulSets: listerOf(objects.statefulSets),
    claims: listerOf(objects.claims),
    volumes: listerOf(objects.volumes),
    storageClasses: listerOf(objects.storageClasses),
    csiDrivers: listerOf(objects.csiDrivers),
    csiNodes: listerOf(objects.csiNodes),
    csiCapacities: listerOf(objects.csiCapacities),
    attachments: listerOf(objects.attachments),
    budgets: listerOf(objects.budgets),
    resourceClaims: listerOf(objects.resourceClaims),
    resourceSlices: listerOf(objects.resourceSlices),
    deviceClasses: listerOf(objects.deviceClasses),
  }
  return { infos, listers, reservations: { volumes: new Set(), nodes: new Map(), devices: new Map() } }
}

function listerOf<T extends KubeObject>(objects: T[] = []): Lister<T> {
  const cache = createCache<T>()
  for (const object of objects) cache.put(object)
  return cache.lister
}

/** Decides where a pod goes, with the first of equals unless said otherwise. */
export const place = (
  pod: Pod,
  cluster: Cluster,
  { random = 0, profile = defaultProfile }: { random?: number; profile?: Profile } = {},
): Decision => decide(podInfoOf(pod), { cluster, profile, start: 0, now: 0, random: () => random })

/** The nodes that a pod could go to. */
export const fitting = (pod: Pod, cluster: Cluster): string[] => {
  const { node, comparison } = place(pod, cluster)
  return (comparison?.nodes ?? (node === undefined ? [] : [node])).toSorted()
}

/** What a plugin scored, by node. */
export function scoresOf(pod: Pod, cluster: Cluster, plugin: string): Record<string, number> | undefined {
  const { comparison } = place(pod, cluster)
  const column = comparison?.scores.find(each => each.plugin === plugin)
  return column && Object.fromEntries(column.values.map((value, i) => [comparison?.nodes[i] ?? '', value]))
}
