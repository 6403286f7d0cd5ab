import { anyKind, type Resource } from '../resource.ts'
import { ingressClass } from './ingress-class.ts'
import { ingress } from './ingress.ts'
import { ipAddress } from './ip-address.ts'
import { networkPolicy } from './network-policy.ts'
import { serviceCidr } from './service-cidr.ts'

export const networkingKinds: readonly Resource[] = [
  anyKind(ingressClass),
  anyKind(ingress),
  anyKind(ipAddress),
  anyKind(networkPolicy),
  anyKind(serviceCidr),
]
