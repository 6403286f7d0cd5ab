import type { Node } from '../../shared/api/core.ts'
import { createNodeInfo, putOn, setNode, takeFrom, type NodeInfo, type WritableNodeInfo } from './node-info.ts'
import type { PodInfo } from './pod-info.ts'

/**
 * Every node and what is taken of it, kept up to date object by object, so that a decision copies nothing (what
 * backend/cache and its snapshot are upstream).
 */
export interface NodeInfos {
  setNode(node: Node): void
  removeNode(name: string): void
  /** The pod is on its node, or assumed to be. */
  put(pod: PodInfo, node: string): void
  remove(uid: string): void
  get(name: string): NodeInfo | undefined
  /** The nodes there are, zones taken in turn so that a part of them is of all zones. */
  list(): readonly NodeInfo[]
  /** The nodes with pods that have affinity or anti-affinity, and of those the ones with required anti-affinity. */
  readonly withAffinity: Iterable<NodeInfo>
  readonly withRequiredAntiAffinity: Iterable<NodeInfo>
  /** How many pods with a node use a claim, given as `namespace/name`. */
  claimUsers(claim: string): number
  /** How many nodes have an image. */
  nodesWithImage(image: string): number
  /** Preemption makes room for this pod on the node; undefined takes that back. */
  nominate(pod: PodInfo, node: string | undefined): void
  nominatedNode(uid: string): string | undefined
  nominatedTo(node: string): readonly PodInfo[]
}

export function createNodeInfos(): NodeInfos {
  const entries = new Map<string, WritableNodeInfo>()
  const present = new Set<string>()
  const places = new Map<string, string>()
  const nominations = new Map<string, { pod: PodInfo; node: string }>()
  const claims = new Map<string, number>()
  const images = new Map<string, number>()
  const affinity = new Map<WritableNodeInfo, number>()
  const antiAffinity = new Map<WritableNodeInfo, number>()
  let listed: readonly NodeInfo[] | undefined

  function entryOf(name: string): WritableNodeInfo {
    let entry = entries.get(name)
    if (!entry) {
      entry = createNodeInfo({ metadata: { name, uid: '' } }) // its pods are seen before the node is
      entries.set(name, entry)
    }
    return entry
  }

  function track(entry: WritableNodeInfo, pod: PodInfo, sign: 1 | -1) {
    if (pod.requiredAntiAffinity.length > 0) bump(antiAffinity, entry, sign)
    if (hasAffinity(pod)) bump(affinity, entry, sign)
    for (const claim of pod.claims) bump(claims, claim, sign)
  }

  function remove(uid: string) {
    const name = places.get(uid)
    const entry = name === undefined ? undefined : entries.get(name)
    const pod = entry?.pods.get(uid)
    if (name === undefined || !entry || !pod) return
    places.delete(uid)
    takeFrom(entry, pod)
    track(entry, pod, -1)
    if (entry.pods.size === 0 && !present.has(name)) entries.delete(name)
  }

  function removeNode(name: string) {
    const entry = entries.get(name)
    if (!entry || !present.delete(name)) return
    for (const image of imagesOf(entry.node)) bump(images, image, -1)
    listed = undefined
    if (entry.pods.size === 0) entries.delete(name)
  }

  return {
    setNode(node) {
      const { name } = node.metadata
      const entry = entryOf(name)
      const zone = zoneOf(entry.node)
      if (present.has(name)) for (const image of imagesOf(entry.node)) bump(images, image, -1)
      for (const image of imagesOf(node)) bump(images, image, 1)
      setNode(entry, node)
      if (!present.has(name) || zone !== zoneOf(node)) listed = undefined
      present.add(name)
    },
    removeNode,
    put(pod, node) {
      remove(pod.uid)
      nominations.delete(pod.uid)
      const entry = entryOf(node)
      places.set(pod.uid, node)
      putOn(entry, pod)
      track(entry, pod, 1)
    },
    remove,
    get: name => (present.has(name) ? entries.get(name) : undefined),
    list: () => (listed ??= inTurn([...present].flatMap(name => entries.get(name) ?? []))),
    withAffinity: { [Symbol.iterator]: () => affinity.keys() },
    withRequiredAntiAffinity: { [Symbol.iterator]: () => antiAffinity.keys() },
    claimUsers: claim => claims.get(claim) ?? 0,
    nodesWithImage: image => images.get(image) ?? 0,
    nominate(pod, node) {
      if (node === undefined) nominations.delete(pod.uid)
      else nominations.set(pod.uid, { pod, node })
    },
    nominatedNode: uid => nominations.get(uid)?.node,
    nominatedTo(node) {
      if (nominations.size === 0) return []
      return [...nominations.values()].filter(each => each.node === node).map(each => each.pod)
    },
  }
}

const hasAffinity = (pod: PodInfo) =>
  pod.requiredAffinity.length +
    pod.requiredAntiAffinity.length +
    pod.preferredAffinity.length +
    pod.preferredAntiAffinity.length >
  0

function bump<Key>(counts: Map<Key, number>, key: Key, sign: 1 | -1) {
  const count = (counts.get(key) ?? 0) + sign
  if (count === 0) counts.delete(key)
  else counts.set(key, count)
}

const imagesOf = (node: Node) => (node.status?.images ?? []).flatMap(image => image.names ?? [])

/** backend/cache/node_tree.go. */
const zoneOf = ({ metadata: { labels } }: Node) =>
  `${labels?.['topology.kubernetes.io/region'] ?? ''}/${labels?.['topology.kubernetes.io/zone'] ?? ''}`

function inTurn(infos: readonly WritableNodeInfo[]): NodeInfo[] {
  const zones = [...Map.groupBy(infos, info => zoneOf(info.node)).values()]
  const longest = Math.max(0, ...zones.map(zone => zone.length))
  return Array.from({ length: longest }, (_, i) => zones.flatMap(zone => zone[i] ?? [])).flat()
}
