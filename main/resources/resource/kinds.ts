import { anyKind, type Resource } from '../resource.ts'
import { deviceClass } from './device-class.ts'
import { resourceClaimTemplate } from './resource-claim-template.ts'
import { resourceClaim } from './resource-claim.ts'
import { resourceSlice } from './resource-slice.ts'

export const resourceKinds: readonly Resource[] = [
  anyKind(deviceClass),
  anyKind(resourceClaim),
  anyKind(resourceClaimTemplate),
  anyKind(resourceSlice),
]
