import type { Status } from '../../../../shared/api/object.ts'
import { quote } from '../../../../shared/machinery/field-errors.ts'
import { badRequest, internalError, StatusError } from '../../../../shared/machinery/status.ts'

/** A webhook's no in upstream's words (plugin/webhook/errors/statuserror.go): its own status, a 400 unless it says otherwise. */
export function denied(webhook: string, result: Partial<Status> = {}): StatusError {
  const by = `admission webhook ${quote(webhook)} denied the request`
  const { code = 0, message = '', reason = '', status } = result
  const text = message || reason
  return new StatusError({
    ...result,
    kind: 'Status',
    apiVersion: 'v1',
    metadata: result.metadata ?? {},
    // A denial is a failure, whatever it calls itself.
    status: status === undefined || status === 'Success' ? 'Failure' : status,
    message: text === '' ? `${by} without explanation` : `${by}: ${text}`,
    code: code < 400 ? 400 : code,
  })
}

/** A dry run must not ask a webhook that may have side effects. */
export function dryRunUnsupported(webhook: string): StatusError {
  return badRequest(`admission webhook ${quote(webhook)} does not support dry run`)
}

/** The webhook could not be asked or did not answer as it must: 500 where that counts as a no. */
export function failedCalling(webhook: string, why: string): StatusError {
  return internalError(`failed calling webhook ${quote(webhook)}: ${why}`)
}
