import type { StatusCause } from '../../../shared/api/object.ts'
import { invalid as invalidValue, notSupported, quote } from '../../../shared/machinery/field-errors.ts'
import { badRequest, invalid } from '../../../shared/machinery/status.ts'
import { asTyped } from '../codec/decode-object.ts'

/** meta/v1 DeleteOptions as far as the server acts on them. */
export interface DeletionOptions {
  gracePeriodSeconds?: number
  orphanDependents?: boolean
  propagationPolicy?: string
  preconditions?: { uid?: string; resourceVersion?: string }
  dryRun?: string[]
}

const policies = ['Foreground', 'Background', 'Orphan']

/** Reads options from a body or, without one, from the query (upstream takes either). */
export function deletionOptions(body: unknown, query: URLSearchParams): DeletionOptions {
  const options = body === undefined ? fromQuery(query) : fromBody(body)
  const causes: StatusCause[] = []
  const { propagationPolicy, orphanDependents, gracePeriodSeconds } = options
  if (propagationPolicy !== undefined && orphanDependents !== undefined) {
    causes.push(
      invalidValue(
        'propagationPolicy',
        propagationPolicy,
        'orphanDependents and deletionPropagation cannot be both set',
      ),
    )
  }
  if (propagationPolicy !== undefined && !policies.includes(propagationPolicy)) {
    causes.push(notSupported('propagationPolicy', propagationPolicy, [...policies, 'nil']))
  }
  if (causes.length > 0) throw invalid({ group: 'meta.k8s.io', kind: 'DeleteOptions', name: '' }, causes)
  // A negative period means one second (apiserver/pkg/registry/rest/delete.go).
  if (gracePeriodSeconds !== undefined && gracePeriodSeconds < 0) options.gracePeriodSeconds = 1
  return options
}

function fromBody(body: unknown): DeletionOptions {
  const given = asTyped('io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions', body)
  if (given.kind && given.kind !== 'DeleteOptions') {
    throw badRequest('decoded object cannot be converted to DeleteOptions')
  }
  const options = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null))
  const { gracePeriodSeconds, orphanDependents, propagationPolicy, preconditions, dryRun } = options as DeletionOptions
  return {
    ...(gracePeriodSeconds !== undefined && { gracePeriodSeconds }),
    ...(orphanDependents !== undefined && { orphanDependents }),
    ...(propagationPolicy !== undefined && { propagationPolicy }),
    ...(preconditions !== undefined && { preconditions }),
    ...(dryRun !== undefined && { dryRun }),
  }
}

function fromQuery(query: URLSearchParams): DeletionOptions {
  const seconds = query.get('gracePeriodSeconds')
  const orphan = query.get('orphanDependents')
  const policy = query.get('propagationPolicy')
  return {
    ...(seconds !== null && { gracePeriodSeconds: secondsIn(seconds) }),
    ...(orphan !== null && { orphanDependents: !/^(?:false|0)$/i.test(orphan) }),
    ...(policy !== null && { propagationPolicy: policy }),
  }
}

function secondsIn(text: string): number {
  if (/^[-+]?\d+$/.test(text)) return Number(text)
  throw badRequest(`strconv.ParseInt: parsing ${quote(text)}: invalid syntax`)
}
