import type { PriorityLevelConfiguration } from '../../../shared/api/flowcontrol.ts'
import type { StatusCause } from '../../../shared/api/object.ts'
import { child, forbidden, invalid, required } from '../../../shared/machinery/field-errors.ts'
import { jsonEqual } from '../../../shared/machinery/json-value.ts'
import { knownOnly } from '../faults.ts'
import { mandatoryPriorityLevels } from './mandatory.ts'

type Spec = PriorityLevelConfiguration['spec']
type Limited = NonNullable<Spec['limited']>
type Queuing = NonNullable<NonNullable<Limited['limitResponse']>['queuing']>

const zeroSharesAnnotation = 'flowcontrol.k8s.io/v1beta3-preserve-zero-concurrency-shares'

/** Faults of a priority level (pkg/apis/flowcontrol/validation ValidatePriorityLevelConfiguration). */
export function validatePriorityLevel({ metadata, spec }: PriorityLevelConfiguration): StatusCause[] {
  const { name, annotations = {} } = metadata
  const exempt = name === 'exempt'
  const kept = annotations[zeroSharesAnnotation] !== undefined
  return [
    ...(kept ? [forbidden('metadata.annotations', `annotation '${zeroSharesAnnotation}' is forbidden`)] : []),
    ...(exempt === (spec.type === 'Exempt')
      ? []
      : [invalid('spec.type', spec.type, "must be 'Exempt' if and only if `name` is 'exempt'")]),
    ...validateType(spec),
    ...validateFixed(name, spec),
  ]
}

function validateType({ type, limited, exempt }: Spec): StatusCause[] {
  switch (type) {
    case 'Exempt':
      return [
        ...(limited ? [forbidden('spec.limited', 'must be nil if the type is not Limited')] : []),
        ...(exempt ? validateShares(exempt, 'spec.exempt') : []),
      ]
    case 'Limited':
      return [
        ...(exempt ? [forbidden('spec.exempt', 'must be nil if the type is Limited')] : []),
        ...(limited
          ? validateLimited(limited, 'spec.limited')
          : [required('spec.limited', 'must not be empty when type is Limited')]),
      ]
    default:
      return knownOnly('spec.type', type, ['Exempt', 'Limited'])
  }
}

function validateFixed(name: string, spec: Spec): StatusCause[] {
  const fixed = Object.hasOwn(mandatoryPriorityLevels, name) ? mandatoryPriorityLevels[name] : undefined
  if (!fixed) return []
  const { exempt: _free, ...rest } = spec
  if (name !== 'exempt') {
    return jsonEqual(spec, fixed) ? [] : [invalid('spec', spec, `spec of '${name}' must equal the fixed value`)]
  }
  const detail = `spec of '${name}' except the 'spec.exempt' field must equal the fixed value`
  return jsonEqual(rest, { type: fixed.type }) ? [] : [invalid('spec', spec, detail)]
}

interface Shares {
  nominalConcurrencyShares?: number
  lendablePercent?: number
}

function validateShares({ nominalConcurrencyShares = 0, lendablePercent = 0 }: Shares, path: string): StatusCause[] {
  const at = (field: string) => child(path, field)
  const percentage = lendablePercent >= 0 && lendablePercent <= 100
  return [
    ...(nominalConcurrencyShares < 0
      ? [invalid(at('nominalConcurrencyShares'), nominalConcurrencyShares, 'must be a non-negative integer')]
      : []),
    ...(percentage ? [] : [invalid(at('lendablePercent'), lendablePercent, 'must be between 0 and 100, inclusive')]),
  ]
}

function validateLimited(limited: Limited, path: string): StatusCause[] {
  const { borrowingLimitPercent: borrowed = 0, limitResponse } = limited
  const { type = '', queuing } = limitResponse ?? {}
  const at = child(path, 'limitResponse')
  const queuingPath = child(at, 'queuing')
  const queue = type === 'Queue'
  return [
    ...validateShares(limited, path),
    ...knownOnly(child(at, 'type'), type, ['Queue', 'Reject']),
    ...(type === 'Reject' && queuing
      ? [forbidden(queuingPath, 'must be nil if limited.limitResponse.type is not Limited')]
      : []),
    ...(queue && !queuing ? [required(queuingPath, 'must not be empty if limited.limitResponse.type is Limited')] : []),
    ...(queue && queuing ? validateQueuing(queuing, queuingPath) : []),
    ...(borrowed < 0
      ? [invalid(child(path, 'borrowingLimitPercent'), borrowed, 'if specified, must be a non-negative integer')]
      : []),
  ]
}

const mostQueues = 10_000_000
/** Bits of the hash that a hand of queues is dealt by (apiserver/pkg/util/shufflesharding). */
const hashBits = 60

function validateQueuing({ queues = 0, handSize = 0, queueLengthLimit = 0 }: Queuing, path: string): StatusCause[] {
  const at = (field: string) => child(path, field)
  const positive = (field: string, value: number) => (value > 0 ? [] : [invalid(at(field), value, 'must be positive')])
  return [
    ...positive('queueLengthLimit', queueLengthLimit),
    ...positive('queues', queues),
    ...(queues > mostQueues ? [invalid(at('queues'), queues, `must not be greater than ${mostQueues}`)] : []),
    ...positive('handSize', handSize),
    ...(handSize > 0 ? validateHand({ queues, handSize }, at('handSize')) : []),
  ]
}

function validateHand({ queues, handSize }: { queues: number; handSize: number }, path: string): StatusCause[] {
  if (handSize > queues) return [invalid(path, handSize, `should not be greater than queues (${queues})`)]
  if (Math.ceil(Math.log2(queues) * handSize) <= hashBits) return []
  const detail = `required entropy bits of deckSize ${queues} and handSize ${handSize} should not be greater than ${hashBits}`
  return [invalid(path, handSize, detail)]
}
