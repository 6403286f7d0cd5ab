import type { StatusCause } from '../../../shared/api/object.ts'
import { csiDrivers, type CSIDriver } from '../../../shared/api/storage.ts'
import { child, duplicate, index, invalid } from '../../../shared/machinery/field-errors.ts'
import { jsonEqual } from '../../../shared/machinery/json-value.ts'
import { immutable, knownOnly, repeats } from '../faults.ts'
import { bumpGeneration } from '../generation.ts'
import { ageColumn, nameColumn } from '../name-column.ts'
import { defineResource } from '../resource.ts'
import { schemaOf } from '../schemas.ts'
import { ensureStructs } from '../structs.ts'

type Spec = CSIDriver['spec']

export const csiDriver = defineResource(csiDrivers, {
  schema: () => schemaOf('io.k8s.api.storage.v1.CSIDriver'),
  unconditionalUpdate: false,
  setDefaults,
  // VolumeLimitScaling is off by default.
  prepareForCreate: ({ spec }) => {
    delete spec.preventPodSchedulingIfMissing
  },
  prepareForUpdate: (object, old) => {
    if (old.spec.preventPodSchedulingIfMissing === undefined) delete object.spec.preventPodSchedulingIfMissing
    bumpGeneration(object, old)
  },
  warnings,
  validate,
  validateUpdate: (object, old) => [...validate(object), ...validateSame(object.spec, old.spec)],
  columns: [
    nameColumn,
    { name: 'AttachRequired', type: 'boolean', cell: ({ spec }) => spec.attachRequired ?? true },
    { name: 'PodInfoOnMount', type: 'boolean', cell: ({ spec }) => spec.podInfoOnMount ?? false },
    { name: 'StorageCapacity', type: 'boolean', cell: ({ spec }) => spec.storageCapacity ?? false },
    { name: 'TokenRequests', type: 'string', cell: printAudiences },
    { name: 'RequiresRepublish', type: 'boolean', cell: ({ spec }) => spec.requiresRepublish ?? false },
    { name: 'Modes', type: 'string', cell: ({ spec }) => spec.volumeLifecycleModes?.join(',') || '<none>' },
    ageColumn,
  ],
})

function printAudiences({ spec }: CSIDriver): string {
  return spec.tokenRequests?.map(({ audience }) => audience).join(',') ?? '<unset>'
}

/** Fills in what a driver leaves out (pkg/apis/storage/v1/defaults.go). */
function setDefaults(object: CSIDriver): void {
  ensureStructs(object, 'spec')
  const { spec } = object
  spec.attachRequired ??= true
  spec.podInfoOnMount ??= false
  spec.storageCapacity ??= false
  spec.fsGroupPolicy ??= 'ReadWriteOnceWithFSType'
  if (!spec.volumeLifecycleModes?.length) spec.volumeLifecycleModes = ['Persistent']
  spec.requiresRepublish ??= false
  spec.seLinuxMount ??= false
}

const policies = ['File', 'None', 'ReadWriteOnceWithFSType']
const modes = ['Persistent', 'Ephemeral']
const tenMinutes = 600

function validate({ spec }: CSIDriver): StatusCause[] {
  const { fsGroupPolicy = '', tokenRequests = [], volumeLifecycleModes = [] } = spec
  const { nodeAllocatableUpdatePeriodSeconds: period, serviceAccountTokenInSecrets: inSecrets } = spec
  const audienceless = 'serviceAccountTokenInSecrets is set but no tokenRequests are specified'
  return [
    ...knownOnly('spec.fsGroupPolicy', fsGroupPolicy, policies),
    ...validateTokens(tokenRequests, 'spec.tokenRequests'),
    ...volumeLifecycleModes.flatMap(mode => knownOnly('spec.volumeLifecycleModes', mode, modes)),
    ...(period !== undefined && period < 10
      ? [invalid('spec.nodeAllocatableUpdatePeriodSeconds', period, 'must be greater than or equal to 10 seconds')]
      : []),
    ...(inSecrets !== undefined && tokenRequests.length === 0
      ? [invalid('spec.serviceAccountTokenInSecrets', inSecrets, audienceless)]
      : []),
  ]
}

function validateTokens(requests: NonNullable<Spec['tokenRequests']>, path: string): StatusCause[] {
  const repeated = repeats(requests, ({ audience }) => audience)
  return requests.flatMap(({ audience, expirationSeconds: seconds }, i) => {
    const at = index(path, i)
    if (repeated[i]) return [duplicate(child(at, 'audience'), audience)]
    const wrong = (detail: string) => [invalid(child(at, 'expirationSeconds'), seconds, detail)]
    if (seconds === undefined) return []
    if (seconds < tenMinutes) return wrong('may not specify a duration less than 10 minutes')
    return seconds > 2 ** 32 ? wrong('may not specify a duration larger than 2^32 seconds') : []
  })
}

function validateSame(spec: Spec, old: Spec): StatusCause[] {
  return [
    // Upstream misspells its path.
    ...(spec.attachRequired === old.attachRequired
      ? []
      : [invalid('spec.attachedRequired', spec.attachRequired, immutable)]),
    ...(jsonEqual(spec.volumeLifecycleModes, old.volumeLifecycleModes)
      ? []
      : [invalid('spec.volumeLifecycleModes', spec.volumeLifecycleModes, immutable)]),
  ]
}

const tokensInAttributes =
  'spec.serviceAccountTokenInSecrets is unset; if supported by this CSI driver, set to true to prevent possible logging of tokens in volume attributes'

function warnings({ spec }: CSIDriver, old: CSIDriver | undefined): string[] {
  const { tokenRequests = [], serviceAccountTokenInSecrets } = spec
  const isSame = old !== undefined && jsonEqual(tokenRequests, old.spec.tokenRequests ?? [])
  return isSame || tokenRequests.length === 0 || serviceAccountTokenInSecrets !== undefined ? [] : [tokensInAttributes]
}
