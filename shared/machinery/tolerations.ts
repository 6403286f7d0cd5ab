/** A taint as Nodes carry it (core/v1 types.go). */
export interface Taint {
  key: string
  value?: string
  effect: string
  /** RFC 3339; set for NoExecute taints. */
  timeAdded?: string
}

/** A toleration as Pods carry it (core/v1 types.go). */
export interface Toleration {
  key?: string
  operator?: string
  value?: string
  effect?: string
  tolerationSeconds?: number
}

/** Whether a toleration covers a taint; an absent effect covers all, an absent key with Exists covers everything. */
export function tolerates(toleration: Toleration, taint: Taint): boolean {
  if (toleration.effect && toleration.effect !== taint.effect) return false
  if (toleration.key && toleration.key !== taint.key) return false
  if (toleration.operator === 'Exists') return true
  const isEqual = !toleration.operator || toleration.operator === 'Equal'
  return isEqual && !!toleration.key && (toleration.value ?? '') === (taint.value ?? '')
}

/** The first of these taints that no toleration covers. */
export function untolerated<T extends Taint>(
  taints: readonly T[] | undefined,
  tolerations: readonly Toleration[] | undefined,
): T | undefined {
  return taints?.find(taint => !tolerations?.some(toleration => tolerates(toleration, taint)))
}
