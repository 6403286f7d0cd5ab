/** Why the kubelet itself ends a pod. */
export interface PodFailure {
  reason: string
  message: string
  /** Of the Event that tells of it. */
  annotations?: Record<string, string>
  /** What its containers have to end, if not the pod's own grace period. */
  graceSeconds?: number
  /** The node never took the pod: nothing more is told of it. */
  rejected?: boolean
  /** The pod is a victim of its node: the message of the condition DisruptionTarget that it gets. */
  disruption?: string
}
