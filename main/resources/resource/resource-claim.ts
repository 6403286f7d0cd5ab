import { resourceClaims, type ResourceClaim } from '../../../shared/api/resource.ts'
import { invalid } from '../../../shared/machinery/field-errors.ts'
import { jsonEqual } from '../../../shared/machinery/json-value.ts'
import { immutable } from '../faults.ts'
import { ageColumn, nameColumn } from '../name-column.ts'
import { defineResource } from '../resource.ts'
import { schemaOf } from '../schemas.ts'
import { keepMetadata } from '../status-metadata.ts'
import { ensureStructs } from '../structs.ts'
import { setClaimSpecDefaults } from './claim-defaults.ts'
import { validateClaimSpec } from './claim-spec-validation.ts'
import { deviceIdOf, validateClaimStatus } from './claim-status-validation.ts'

export const resourceClaim = defineResource(resourceClaims, {
  schema: () => schemaOf('io.k8s.api.resource.v1.ResourceClaim'),
  setDefaults: object => {
    ensureStructs(object, 'spec', 'status')
    setClaimSpecDefaults(object.spec)
  },
  prepareForCreate: object => {
    object.status = {}
  },
  validate: ({ spec }) => validateClaimSpec(spec, 'spec'),
  validateUpdate: (object, old) => (jsonEqual(object.spec, old.spec) ? [] : [invalid('spec', object.spec, immutable)]),
  status: {
    prepareForUpdate: (object, old) => {
      keepMetadata(object, old)
      dropDeallocated(object, old)
    },
    validateUpdate: validateClaimStatus,
  },
  columns: [nameColumn, { name: 'State', type: 'string', cell: printState }, ageColumn],
})

/** The status of a device goes with its allocation. */
function dropDeallocated({ status }: ResourceClaim, old: ResourceClaim): void {
  const ids = (claim: Pick<ResourceClaim, 'status'>) =>
    (claim.status?.allocation?.devices?.results ?? []).map(result => JSON.stringify(deviceIdOf(result)))
  if (!status?.devices) return
  const kept = new Set(ids({ status }))
  const gone = new Set(ids(old).filter(id => !kept.has(id)))
  const devices = status.devices.filter(device => !gone.has(JSON.stringify(deviceIdOf(device))))
  if (devices.length > 0) status.devices = devices
  else delete status.devices
}

function printState({ metadata, status }: ResourceClaim): string {
  const going = metadata.deletionTimestamp !== undefined
  const states = going ? ['deleted'] : []
  if (!status?.allocation) return going ? 'deleted' : 'pending'
  return [...states, 'allocated', ...(status.reservedFor?.length ? ['reserved'] : [])].join(',')
}
