/** An IntOrString as JSON carries it. */
export type IntOrString = number | string

interface Scaling {
  total: number
  round: 'up' | 'down'
}

/**
 * What an absolute number or a percentage comes to (apimachinery/pkg/util/intstr GetScaledValueFromIntOrPercent).
 * Undefined for a string that is no percentage; validation has refused it before.
 */
export function scaledValue(value: IntOrString, { total, round }: Scaling): number | undefined {
  if (typeof value === 'number') return value
  const percent = /^(-?\d+)%$/.exec(value)
  if (!percent) return undefined
  const share = (Number(percent[1]) * total) / 100
  return round === 'up' ? Math.ceil(share) : Math.floor(share)
}
