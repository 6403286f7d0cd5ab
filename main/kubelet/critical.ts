import type { Pod } from '../../shared/api/core.ts'
import { isStatic } from './static-pods/manifest.ts'

/** The priority from which on a pod counts as the cluster's own (pkg/apis/scheduling, SystemCriticalPriority). */
const systemCriticalPriority = 2_000_000_000

/** Pods that are never evicted (pkg/kubelet/types/pod_update.go, IsCriticalPod). */
export const isCritical = (pod: Pod): boolean => isStatic(pod) || (pod.spec.priority ?? 0) >= systemCriticalPriority
