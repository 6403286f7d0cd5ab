import { events } from '../../shared/api/core.ts'
import { groupResourceOf, type ResourceRef } from '../../shared/api/ref.ts'
import type { Controller } from '../../shared/client/controller.ts'
import type { Clock } from '../../shared/machinery/clock.ts'
import { certificateApprovingController } from './certificates/approve.ts'
import { certificateCleanerController } from './certificates/clean.ts'
import { certificateSigningController } from './certificates/sign.ts'
import { clusterRoleAggregationController } from './clusterrole-aggregation.ts'
import { cronJobController } from './cronjob/cron-job.ts'
import { daemonSetController } from './daemon/daemon-set.ts'
import { deploymentController } from './deployment/deployment.ts'
import { disruptionController } from './disruption/disruption.ts'
import { staleDisruptionController } from './disruption/stale-disruption.ts'
import { endpointSliceController } from './endpoints/endpoint-slices.ts'
import { endpointsController } from './endpoints/endpoints.ts'
import { endpointSliceMirroringController } from './endpointslice-mirroring/mirroring.ts'
import { flowSchemaController } from './flow-schema.ts'
import { garbageCollector } from './garbage-collector/garbage-collector.ts'
import { ipAddressController } from './ip-addresses.ts'
import { jobController } from './job/job.ts'
import { orphanedJobPodsController } from './job/orphaned-pods.ts'
import { ttlAfterFinishedController } from './job/ttl-after-finished.ts'
import { filterKinds, fixedKinds, type LiveKinds } from './live-kinds.ts'
import { namespaceController } from './namespace.ts'
import { nodeLifecycleController } from './node/node-lifecycle.ts'
import { podGarbageCollector } from './node/pod-gc.ts'
import { taintEvictionController } from './node/taint-eviction.ts'
import { terminatedPodCollector } from './node/terminated-pods.ts'
import { createWakefulness } from './node/wakefulness.ts'
import { ephemeralVolumeController } from './persistent-volume/ephemeral.ts'
import { volumeExpandController } from './persistent-volume/expand.ts'
import { persistentVolumeController } from './persistent-volume/persistent-volume.ts'
import { autoscalerController } from './podautoscaler/autoscaler.ts'
import { replicaSetController, replicationControllerController } from './replicaset/replica-set.ts'
import { podResourceClaimController } from './resource-claim/make-claims.ts'
import { releaseResourceClaimController } from './resource-claim/release-claims.ts'
import { resourceQuotaController } from './resource-quota/resource-quota.ts'
import { rootCaController } from './root-ca.ts'
import { serviceAccountController } from './service-account.ts'
import { serviceAccountTokenController } from './service-account-tokens.ts'
import {
  attributesClassProtectionController,
  claimProtectionController,
  volumeProtectionController,
} from './storage-protection/storage-protection.ts'
import { statefulSetController } from './statefulset/stateful-set.ts'
import type { Signer } from './signer.ts'

interface Options {
  /**
   * Every kind that can be listed, watched and deleted, one ref each: what cannot would never be in
   * sync. An array if they never change.
   */
  kinds: LiveKinds | readonly ResourceRef[]
  /** The cluster's CA in PEM, which every namespace gets to know. */
  rootCa: string
  signer: Signer
  clock: Clock
}

/** Everything kube-controller-manager would run, made anew at every start of the cluster. */
export function controllers({ kinds, rootCa, signer, clock }: Options): Controller[] {
  // Events have no owners and come in masses: no informer follows them.
  const all = 'current' in kinds ? kinds : fixedKinds(kinds)
  const watched = filterKinds(all, ref => groupResourceOf(ref) !== groupResourceOf(events))
  const isNamespaced = (ref: ResourceRef) => ref.namespaced
  const wakefulness = createWakefulness(clock)
  return [
    namespaceController({ contents: filterKinds(all, isNamespaced), watched: filterKinds(watched, isNamespaced) }),
    serviceAccountController,
    serviceAccountTokenController({ rootCa, signer }),
    clusterRoleAggregationController,
    certificateApprovingController,
    certificateSigningController({ signer }),
    certificateCleanerController,
    rootCaController({ rootCa }),
    deploymentController,
    replicaSetController,
    replicationControllerController,
    statefulSetController,
    daemonSetController(),
    jobController(),
    orphanedJobPodsController,
    ttlAfterFinishedController,
    cronJobController,
    endpointsController(),
    endpointSliceController(),
    endpointSliceMirroringController,
    ipAddressController,
    flowSchemaController,
    persistentVolumeController,
    ephemeralVolumeController,
    volumeExpandController,
    podResourceClaimController,
    releaseResourceClaimController,
    claimProtectionController,
    volumeProtectionController,
    attributesClassProtectionController,
    nodeLifecycleController({ wakefulness, startedAt: clock.now() }),
    taintEvictionController({ wakefulness }),
    podGarbageCollector(),
    terminatedPodCollector({ threshold: 12_500 }),
    autoscalerController(),
    disruptionController,
    staleDisruptionController,
    resourceQuotaController({ kinds: filterKinds(watched, isNamespaced), now: () => clock.now() }),
    garbageCollector({ kinds: watched }),
  ]
}
