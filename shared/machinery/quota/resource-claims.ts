import { resourceClaims, type ResourceClaim } from '../../api/resource.ts'
import { countName, type QuotaEvaluator } from './evaluator.ts'

const count = countName(resourceClaims)
const classSuffix = '.deviceclass.resource.k8s.io/devices'
/** The most devices one request can get, which `All` is charged for. */
const mostDevices = 32

type Request = NonNullable<NonNullable<ResourceClaim['spec']['devices']>['requests']>[number]
type Wish = Pick<NonNullable<Request['exactly']>, 'allocationMode' | 'count' | 'deviceClassName'>

/** Claims of devices, also by device class (pkg/quota/v1/evaluator/core/resource_claims.go). */
export const resourceClaimQuota: QuotaEvaluator<ResourceClaim> = {
  counts: name => name === count || name.endsWith(classSuffix),
  handles: ({ operation, subresource }) => subresource === '' && (operation === 'CREATE' || operation === 'UPDATE'),
  usage({ spec }) {
    const devices = new Map<string, number>()
    for (const request of spec.devices?.requests ?? []) {
      for (const [name, number] of devicesOf(request)) devices.set(name, (devices.get(name) ?? 0) + number)
    }
    const byClass = [...devices].map(([name, number]) => [name + classSuffix, String(number)] as const)
    return { [count]: '1', ...Object.fromEntries(byClass) }
  },
}

/** Of alternatives the one that takes most of a class counts. */
function devicesOf({ firstAvailable, exactly }: Request): ReadonlyMap<string, number> {
  const most = new Map<string, number>()
  for (const wish of firstAvailable?.length ? firstAvailable : exactly ? [exactly] : []) {
    const name = wish.deviceClassName
    most.set(name, Math.max(most.get(name) ?? 0, numberOf(wish)))
  }
  return most
}

/** Modes that are not known yet count for nothing. */
function numberOf({ allocationMode, count: given }: Wish): number {
  if (allocationMode === 'All') return mostDevices
  return allocationMode === 'ExactCount' ? (given ?? 0) : 0
}
