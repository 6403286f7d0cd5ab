import { persistentVolumeClaims, persistentVolumes, type Node } from '../../shared/api/core.ts'
import type { Client } from '../../shared/client/client.ts'
import type { Informers } from '../../shared/client/informer.ts'
import { keyOf } from '../../shared/client/key.ts'
import type { Clock } from '../../shared/machinery/clock.ts'
import { boundByController, selectedNode } from '../../shared/machinery/persistent-volumes.ts'
import { claimKey, isBound } from './claims.ts'
import type { PodInfo } from './pod-info.ts'
import type { Cluster } from './plugin.ts'
import { podClaims } from './plugins/volume-binding.ts'
import type { Reserved } from './reserved.ts'
import { planVolumes, type VolumePlan } from './volume-plan.ts'

interface Dependencies {
  client: Client
  informers: Informers
  clock: Clock
}

const bindTimeout = 600_000

/**
 * Binds the claims that wait for their first consumer, as the volume controller and provisioners expect it of a scheduler
 * (volumebinding/binder.go): a volume gets its claimRef, a claim to be provisioned for gets the selected node.
 */
export function createVolumeBinder({ client, informers, clock }: Dependencies) {
  const claims = informers.informer(persistentVolumeClaims)
  const merge = 'application/merge-patch+json'

  async function request({ bindings, provisions }: VolumePlan, node: string) {
    for (const { volume, claim } of bindings) {
      const { name, namespace, uid, resourceVersion } = claim.metadata
      const claimRef = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', name, namespace, uid, resourceVersion }
      const isOwn = volume.spec.claimRef?.name === name && volume.spec.claimRef.namespace === namespace
      const annotations = isOwn ? {} : { annotations: { [boundByController]: 'yes' } }
      const metadata = { resourceVersion: volume.metadata.resourceVersion, ...annotations }
      await client.patch(persistentVolumes, keyOf(volume), { type: merge, body: { metadata, spec: { claimRef } } })
    }
    for (const claim of provisions) {
      const metadata = { uid: claim.metadata.uid, annotations: { [selectedNode]: node } }
      const written = await client.patch(persistentVolumeClaims, keyOf(claim), { type: merge, body: { metadata } })
      await claims.reached(written.metadata.resourceVersion, AbortSignal.timeout(bindTimeout))
    }
  }

  /** Until every claim is bound; a provisioner that fails takes the selected node back. */
  async function settled({ bindings, provisions }: VolumePlan, node: string, signal: AbortSignal) {
    const wanted = [...bindings.map(({ claim }) => claim), ...provisions]
    const now = () => wanted.map(claim => claims.get(keyOf(claim)))
    const failedClaim = () =>
      provisions.find(claim => claims.get(keyOf(claim))?.metadata.annotations?.[selectedNode] !== node)
    await claims.until(() => now().every(claim => !claim || isBound(claim)) || !!failedClaim(), signal)
    const gone = wanted.find(claim => !claims.get(keyOf(claim)))
    if (gone) throw new Error(`persistentvolumeclaim "${gone.metadata.name}" not found`)
    const failed = failedClaim()
    if (failed) throw new Error(`provisioning failed for PVC "${claimKey(failed)}"`)
  }

  return {
    /** Undefined if all of the pod's claims are bound already. */
    reserve(pod: PodInfo, node: Node, cluster: Cluster): Reserved | undefined {
      const found = podClaims(pod, cluster)
      if ('refusal' in found || found.delayed.length === 0) return undefined
      const plan = planVolumes(found.delayed, node, cluster)
      if ('message' in plan) return undefined
      const { volumes, nodes } = cluster.reservations
      const { name } = node.metadata
      for (const { volume } of plan.bindings) volumes.add(volume.metadata.name)
      for (const claim of found.delayed) nodes.set(claimKey(claim), name)
      return {
        async bind(signal) {
          const timeout = new AbortController()
          using _ = clock.setTimeout(() => timeout.abort(new Error('binding volumes: timed out')), bindTimeout)
          await request(plan, name)
          await settled(plan, name, AbortSignal.any([signal, timeout.signal]))
        },
        [Symbol.dispose]() {
          for (const { volume } of plan.bindings) volumes.delete(volume.metadata.name)
          for (const claim of found.delayed) nodes.delete(claimKey(claim))
        },
      }
    },
  }
}
