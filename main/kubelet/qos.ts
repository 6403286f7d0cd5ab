import type { Pod } from '../../shared/api/core.ts'
import { milliOf } from './quantities.ts'
import { allContainers } from './pod-records.ts'

const compute = ['cpu', 'memory'] as const

/** A pod's quality of service class by its cpu and memory (pkg/apis/core/v1/helper/qos/qos.go, ComputePodQOS). */
export function podQos(pod: Pod): 'Guaranteed' | 'Burstable' | 'BestEffort' {
  const amounts = allContainers(pod).flatMap(c =>
    compute.map(name => {
      const limit = milliOf(c.resources?.limits?.[name])
      const request = milliOf(c.resources?.requests?.[name] ?? c.resources?.limits?.[name])
      return { limit, request }
    }),
  )
  if (amounts.every(a => a.limit === 0 && a.request === 0)) return 'BestEffort'
  return amounts.every(a => a.limit > 0 && a.limit === a.request) ? 'Guaranteed' : 'Burstable'
}
