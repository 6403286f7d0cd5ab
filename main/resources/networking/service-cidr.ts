import { serviceCidrs, type ServiceCIDR } from '../../../shared/api/networking.ts'
import type { StatusCause } from '../../../shared/api/object.ts'
import { index, invalid, required } from '../../../shared/machinery/field-errors.ts'
import { parseCidr } from '../../../shared/machinery/ip.ts'
import { immutable } from '../faults.ts'
import { validateCanonicalCidr } from '../ip-faults.ts'
import { ageColumn, nameColumn } from '../name-column.ts'
import { defineResource } from '../resource.ts'
import { schemaOf } from '../schemas.ts'
import { keepMetadata } from '../status-metadata.ts'
import { ensureStructs } from '../structs.ts'

const path = 'spec.cidrs'

export const serviceCidr = defineResource(serviceCidrs, {
  schema: () => schemaOf('io.k8s.api.networking.v1.ServiceCIDR'),
  setDefaults: object => ensureStructs(object, 'spec', 'status'),
  prepareForCreate: object => {
    object.status = {}
  },
  validate: ({ spec }) => validateCidrs(spec.cidrs ?? []),
  validateUpdate,
  status: { prepareForUpdate: keepMetadata },
  columns: [nameColumn, { name: 'CIDRs', type: 'string', cell: ({ spec }) => (spec.cidrs ?? []).join(',') }, ageColumn],
})

function validateCidrs(cidrs: string[]): StatusCause[] {
  if (cidrs.length === 0) return [required(path, 'at least one CIDR required')]
  if (cidrs.length > 2) return [invalid(path, { CIDRs: cidrs }, 'may only hold up to 2 values')]
  const [first, second] = cidrs.map(cidr => parseCidr(cidr)?.address.family)
  const detail = 'may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64'
  return [
    ...cidrs.flatMap((cidr, i) => validateCanonicalCidr(index(path, i), cidr)),
    ...(first !== undefined && first === second ? [invalid(path, cidrs, detail)] : []),
  ]
}

/** A second family may be added to a range of one; nothing else changes (ValidateServiceCIDRUpdate). */
function validateUpdate({ spec: { cidrs = [] } }: ServiceCIDR, old: ServiceCIDR): StatusCause[] {
  const before = old.spec.cidrs ?? []
  const grows = before.length === 1 && cidrs.length === 2
  if (!grows && cidrs.length !== before.length) return [invalid(path, cidrs, immutable)]
  const changed = before.flatMap((cidr, i) => (cidr === cidrs[i] ? [] : [invalid(index(path, i), cidrs[i], immutable)]))
  return grows ? [...changed, ...validateCidrs(cidrs)] : changed
}
