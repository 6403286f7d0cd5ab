import type { Endpoints } from '../../../shared/api/core.ts'

/** Whether an Endpoints object is a lock of old clients, which has no Service (resourcelock LeaderElectionRecordAnnotationKey). */
export function isLeaderElection({ metadata }: Endpoints): boolean {
  return metadata.annotations?.['control-plane.alpha.kubernetes.io/leader'] !== undefined
}
