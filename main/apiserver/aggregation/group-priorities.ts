/**
 * The order in which discovery tells of the built-in groups: the higher, the sooner (cmd/kube-apiserver/app/aggregator.go
 * and pkg/controlplane/apiserver/aggregator.go).
 */
const groups: Partial<Record<string, number>> = {
  '': 18000,
  apps: 17800,
  'events.k8s.io': 17750,
  'authentication.k8s.io': 17700,
  'authorization.k8s.io': 17600,
  autoscaling: 17500,
  batch: 17400,
  'certificates.k8s.io': 17300,
  'networking.k8s.io': 17200,
  policy: 17100,
  'rbac.authorization.k8s.io': 17000,
  'storage.k8s.io': 16800,
  'apiextensions.k8s.io': 16700,
  'admissionregistration.k8s.io': 16700,
  'scheduling.k8s.io': 16600,
  'coordination.k8s.io': 16500,
  'node.k8s.io': 16300,
  'discovery.k8s.io': 16200,
  'resource.k8s.io': 16200,
  'flowcontrol.apiserver.k8s.io': 16100,
  'metrics.k8s.io': 100,
}
/** Of versions that are not `15`. */
const versions: Partial<Record<string, number>> = {
  '/v1': 1,
  'autoscaling/v2': 30,
  'resource.k8s.io/v1': 21,
  'flowcontrol.apiserver.k8s.io/v1': 21,
  'metrics.k8s.io/v1beta1': 100,
}

/** What the APIService of a built-in group version says of its place. */
export function priorityOf({ group, version }: { group: string; version: string }) {
  return { groupPriorityMinimum: groups[group] ?? 16000, versionPriority: versions[`${group}/${version}`] ?? 15 }
}
