import type { Behavior, Past, ScalingRules } from './past.ts'

interface Given {
  current: number
  /** A stabilized recommendation. */
  wanted: number
  min: number
  max: number
  behavior: Behavior | undefined
  past: Pick<Past, 'up' | 'down'>
  now: number
}

interface Limited {
  replicas: number
  /** Reason and message of the condition ScalingLimited. */
  reason: string
  message: string
}

const count = 'the desired replica count is'
const within = { reason: 'DesiredWithinRange', message: 'the desired count is within the acceptable range' }
const tooFast = { reason: 'ScaleUpLimit', message: `${count} increasing faster than the maximum scale rate` }
const tooMany = { reason: 'TooManyReplicas', message: `${count} more than the maximum replica count` }
const tooSteep = { reason: 'ScaleDownLimit', message: `${count} decreasing faster than the maximum scale rate` }
const tooFew = { reason: 'TooFewReplicas', message: `${count} less than the minimum replica count` }

/**
 * What of a recommendation may be done at once: the policies of behaviors limit it (without them, growth to the double or
 * to 4), and so do minReplicas and maxReplicas (horizontal.go convertDesiredReplicasWithRules and its twin with behaviors).
 */
export function limit({ current, wanted, min, max, behavior, past, now }: Given): Limited {
  const doubled = Math.max(2 * current, 4)
  const pace = behavior ? (wanted > current ? Math.max(current, allowed('up', behavior.scaleUp)) : Infinity) : doubled
  const descent = behavior && wanted < current ? Math.min(current, allowed('down', behavior.scaleDown)) : -Infinity
  const [most, over] = pace < max ? [pace, tooFast] : [max, tooMany]
  const [least, under] = descent > min ? [descent, tooSteep] : [min, tooFew]
  if (wanted < least) return { replicas: least, ...under }
  if (wanted > most) return { replicas: most, ...over }
  return { replicas: wanted, ...within }

  /** The bound that the policies of one direction set, each on the size at the start of its period. */
  function allowed(direction: 'up' | 'down', rules: ScalingRules | undefined): number {
    if (rules?.selectPolicy === 'Disabled') return current
    const sign = direction === 'up' ? 1 : -1
    const bounds = (rules?.policies ?? []).map(({ type, value, periodSeconds }) => {
      const start = current - changed('up', periodSeconds) + changed('down', periodSeconds)
      if (type === 'Pods') return start + sign * value
      const share = start * (1 + (sign * value) / 100)
      return direction === 'up' ? Math.ceil(share) : Math.trunc(share)
    })
    const takesHighest = (direction === 'up') !== (rules?.selectPolicy === 'Min')
    return takesHighest ? Math.max(...bounds) : Math.min(...bounds)
  }

  function changed(direction: 'up' | 'down', seconds: number): number {
    const recent = past[direction].filter(({ at }) => at > now - seconds * 1000)
    return recent.reduce((total, { change }) => total + change, 0)
  }
}
