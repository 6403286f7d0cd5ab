import type { MutatingWebhook, ValidatingWebhook } from '../../../../shared/api/admissionregistration.ts'
import type { Logger } from '../../../../shared/machinery/log.ts'
import type { WebhookClient } from '../../egress/webhook-client.ts'
import type { Invocations } from './invocation.ts'
import type { Asked } from './review.ts'

/** What both webhook plugins work with. */
export interface Webhooks {
  readonly client: WebhookClient
  readonly invocations: Invocations
  /** Whether all match conditions hold. Rejects with a StatusError where that can't be told and such failures count. */
  conditionsMet(webhook: ValidatingWebhook | MutatingWebhook, asked: Asked): Promise<boolean>
  readonly log: Logger
}
