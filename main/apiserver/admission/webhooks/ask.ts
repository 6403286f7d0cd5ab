import type { MutatingWebhook, ValidatingWebhook } from '../../../../shared/api/admissionregistration.ts'
import type { Logger } from '../../../../shared/machinery/log.ts'
import { StatusError } from '../../../../shared/machinery/status.ts'
import type { WebhookClient } from '../../egress/webhook-client.ts'
import { denied, dryRunUnsupported, failedCalling } from './refusal.ts'
import { reviewOf, verdictOf, type Asked, type Verdict } from './review.ts'

interface Asking {
  client: WebhookClient
  log: Logger
}

const versions = ['v1', 'v1beta1']
/** Of a webhook that names none; the API's default. */
const defaultTimeout = 10

/**
 * Asks one webhook. Undefined if it could not be asked and such failures are to be ignored; throws a StatusError for a
 * denial or a failure that counts.
 */
export async function askWebhook(
  { client, log }: Asking,
  webhook: ValidatingWebhook | MutatingWebhook,
  asked: Asked & { mutating: boolean },
): Promise<Verdict | undefined> {
  const { name, sideEffects, failurePolicy, clientConfig, timeoutSeconds = defaultTimeout } = webhook
  const { request, mutating } = asked
  if (request.dryRun && sideEffects !== 'None' && sideEffects !== 'NoneOnDryRun') throw dryRunUnsupported(name)
  let verdict: Verdict
  try {
    const version = webhook.admissionReviewVersions.find(each => versions.includes(each))
    if (version === undefined) {
      throw new Error(
        'could not create admission objects: webhook does not accept known AdmissionReview versions (v1, v1beta1)',
      )
    }
    const { uid, review } = reviewOf(version, asked)
    const answer = await called(client.post(clientConfig, review, timeoutSeconds))
    verdict = checked(() => verdictOf(answer, { uid, version, mutating }))
  } catch (error) {
    if (error instanceof StatusError) throw error
    const why = error instanceof Error ? error.message : String(error)
    log.info('Calling a webhook failed', { webhook: name, failurePolicy, error: why })
    if (failurePolicy === 'Ignore') return undefined
    throw failedCalling(name, why)
  }
  verdict.warnings.forEach(request.warn)
  if (!verdict.allowed) throw denied(name, verdict.result)
  return verdict
}

async function called(answer: Promise<unknown>): Promise<unknown> {
  try {
    return await answer
  } catch (error) {
    throw prefixed('failed to call webhook', error)
  }
}

function checked(read: () => Verdict): Verdict {
  try {
    return read()
  } catch (error) {
    throw prefixed('received invalid webhook response', error)
  }
}

function prefixed(what: string, error: unknown): Error {
  return new Error(`${what}: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
}
