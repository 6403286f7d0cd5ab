import type { ResourceClaim } from '../../../shared/api/resource.ts'
import type { Offer } from './pools.ts'

type ApiRequest = NonNullable<NonNullable<ResourceClaim['spec']['devices']>['requests']>[number]
export type Allocation = NonNullable<NonNullable<ResourceClaim['status']>['allocation']>

/** One way to meet a request: itself, or one of those of which the first available is taken. */
export type Request = NonNullable<ApiRequest['exactly']> & {
  /** `name`, or `name/subrequest`. */
  readonly name: string
}

/** A device chosen for a request. */
export interface Choice {
  readonly request: Request
  readonly offer: Offer
}

/** What a request can be met by, the best first. */
export function alternativesOf({ name, exactly, firstAvailable = [] }: ApiRequest): Request[] {
  return exactly ? [{ ...exactly, name }] : firstAvailable.map(each => ({ ...each, name: `${name}/${each.name}` }))
}

/** A constraint or configuration that names no requests is about all; a name stands for its subrequests too. */
export const concerns = ({ requests = [] }: { requests?: readonly string[] }, { name }: Request) =>
  requests.length === 0 || requests.includes(name) || requests.includes(name.split('/')[0] ?? '')
