import type { ResourceClaim } from '../../../shared/api/resource.ts'
import { ensureStructs } from '../structs.ts'

interface Request {
  allocationMode?: string
  count?: number
  tolerations?: { operator?: string }[]
}

/** Fills in what requests leave out (pkg/apis/resource/v1/defaults.go). */
export function setClaimSpecDefaults(spec: ResourceClaim['spec']): void {
  ensureStructs(spec, 'devices')
  for (const { exactly, firstAvailable = [] } of spec.devices?.requests ?? []) {
    if (exactly) setRequestDefaults(exactly)
    for (const request of firstAvailable) setRequestDefaults(request)
  }
}

function setRequestDefaults(request: Request): void {
  request.allocationMode ||= 'ExactCount'
  if (request.allocationMode === 'ExactCount') request.count ||= 1
  for (const toleration of request.tolerations ?? []) toleration.operator ||= 'Equal'
}
