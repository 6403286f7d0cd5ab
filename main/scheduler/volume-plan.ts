import type { Node, PersistentVolume, PersistentVolumeClaim } from '../../shared/api/core.ts'
import type { StorageClass } from '../../shared/api/storage.ts'
import { matchesTerms } from '../../shared/machinery/node-selector.ts'
import { classOf as classNameOf, isVolumeOf, selectedNode } from '../../shared/machinery/persistent-volumes.ts'
import { quantityValue } from '../../shared/machinery/quantity.ts'
import type { Reason } from '../../shared/machinery/scheduling-decision.ts'
import { matchesRequirements, requirementsOf } from '../../shared/machinery/selectors.ts'
import { claimKey, classOf } from './claims.ts'
import type { Cluster } from './plugin.ts'

/** What has to be done before a pod with claims that wait for their first consumer can be bound to a node. */
export interface VolumePlan {
  readonly bindings: { volume: PersistentVolume; claim: PersistentVolumeClaim }[]
  readonly provisions: PersistentVolumeClaim[]
}

const cannotProvision = 'kubernetes.io/no-provisioner'

/** Finds or provides a volume on the node for each claim (volumebinding/binder.go), or says why there is none. */
export function planVolumes(
  claims: readonly PersistentVolumeClaim[],
  node: Node,
  cluster: Cluster,
): VolumePlan | Reason {
  const bindings: VolumePlan['bindings'] = []
  const provisions: PersistentVolumeClaim[] = []
  // The smallest claims choose first, so that each gets the smallest volume that is large enough.
  for (const claim of claims.toSorted((a, b) => sizeOf(a) - sizeOf(b))) {
    const selected = cluster.reservations.nodes.get(claimKey(claim)) ?? claim.metadata.annotations?.[selectedNode]
    if (selected !== undefined && selected !== node.metadata.name) return noVolume(claim)
    const chosen = new Set(bindings.map(({ volume }) => volume.metadata.name))
    const volume = selected === undefined ? matching(claim, { node, cluster, chosen }) : undefined
    if (volume) bindings.push({ volume, claim })
    else {
      const storageClass = classOf(claim, cluster)
      if (!storageClass || !canProvision(storageClass, node)) return noVolume(claim)
      if (!hasCapacity({ storageClass, claim, node, cluster })) return noSpace(claim)
      provisions.push(claim)
    }
  }
  return { bindings, provisions }
}

const sizeOf = ({ spec }: PersistentVolumeClaim) => quantityValue(spec.resources?.requests?.['storage'] ?? '0')
const capacityOf = ({ spec }: PersistentVolume) => quantityValue(spec.capacity?.['storage'] ?? '0')

const fixOf = ({ metadata }: PersistentVolumeClaim) => ({ change: 'volume', name: metadata.name }) as const
const noVolume = (claim: PersistentVolumeClaim): Reason => ({
  message: "node(s) didn't find available persistent volumes to bind",
  unresolvable: true,
  fix: fixOf(claim),
})
const noSpace = (claim: PersistentVolumeClaim): Reason => ({
  message: 'node(s) did not have enough free storage',
  unresolvable: true,
  fix: fixOf(claim),
})

/** Whether pods on the node can use the volume. */
export function isReachable({ spec }: PersistentVolume, node: Node): boolean {
  const terms = spec.nodeAffinity?.required?.nodeSelectorTerms
  return !terms || matchesTerms(terms, node)
}

interface Search {
  node: Node
  cluster: Cluster
  chosen: ReadonlySet<string>
}

/** The volume made for the claim, or the smallest available one that will do (FindMatchingVolume). */
function matching(claim: PersistentVolumeClaim, { node, cluster, chosen }: Search): PersistentVolume | undefined {
  const { volumes } = cluster.reservations
  const candidates = cluster.listers.volumes
    .list()
    .filter(({ metadata }) => !chosen.has(metadata.name) && !volumes.has(metadata.name) && !metadata.deletionTimestamp)
    .filter(volume => capacityOf(volume) >= sizeOf(claim) && sameKind(volume, claim))
    .filter(volume => classNameOf(volume) === classNameOf(claim))
  const own = candidates.find(volume => isVolumeOf(volume, claim))
  if (own) return isReachable(own, node) ? own : undefined
  const selector = claim.spec.selector ? requirementsOf(claim.spec.selector) : []
  const [smallest] = candidates
    .filter(({ spec, status }) => !spec.claimRef && status?.phase === 'Available')
    .filter(({ metadata }) => matchesRequirements(selector, metadata.labels))
    .filter(volume => isReachable(volume, node))
    .filter(({ spec }) => (claim.spec.accessModes ?? []).every(mode => spec.accessModes?.includes(mode)))
    .toSorted((a, b) => capacityOf(a) - capacityOf(b))
  return smallest
}

const sameKind = ({ spec: volume }: PersistentVolume, { spec: claim }: PersistentVolumeClaim) =>
  (volume.volumeMode ?? 'Filesystem') === (claim.volumeMode ?? 'Filesystem') &&
  (volume.volumeAttributesClassName ?? '') === (claim.volumeAttributesClassName ?? '')

function canProvision({ provisioner, allowedTopologies = [] }: StorageClass, { metadata }: Node): boolean {
  if (!provisioner || provisioner === cannotProvision) return false
  if (allowedTopologies.length === 0) return true
  return allowedTopologies.some(({ matchLabelExpressions = [] }) =>
    matchLabelExpressions.every(({ key, values }) => values.includes(metadata.labels?.[key] ?? '')),
  )
}

interface Wish {
  storageClass: StorageClass
  claim: PersistentVolumeClaim
  node: Node
  cluster: Cluster
}

/** Asked of CSI drivers that publish their capacity only (KEP-1472). */
function hasCapacity({ storageClass, claim, node, cluster }: Wish): boolean {
  const driver = cluster.listers.csiDrivers.get({ namespace: '', name: storageClass.provisioner })
  if (!driver?.spec.storageCapacity) return true
  return cluster.listers.csiCapacities.list().some(capacity => {
    const limit = capacity.maximumVolumeSize ?? capacity.capacity
    return (
      capacity.storageClassName === storageClass.metadata.name &&
      limit !== undefined &&
      quantityValue(limit) >= sizeOf(claim) &&
      !!capacity.nodeTopology &&
      matchesRequirements(requirementsOf(capacity.nodeTopology), node.metadata.labels)
    )
  })
}
