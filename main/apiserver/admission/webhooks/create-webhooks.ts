import type { Logger } from '../../../../shared/machinery/log.ts'
import type { Store } from '../../../store/store.ts'
import type { WebhookClient } from '../../egress/webhook-client.ts'
import type { ResourceIndex } from '../../registry/resource-index.ts'
import type { AdmissionPlugin } from '../admission.ts'
import type { Matcher } from '../matching/matcher.ts'
import { mutatingHooks, validatingHooks } from './hooks.ts'
import { createInvocations } from './invocation.ts'
import { mutatingWebhooks } from './mutating.ts'
import { validatingWebhooks } from './validating.ts'
import type { Webhooks } from './webhooks.ts'

interface Options {
  store: Store
  index: ResourceIndex
  matcher: Matcher
  client: WebhookClient
  conditionsMet: Webhooks['conditionsMet']
  log: Logger
}

/** The two plugins that ask webhooks. A cluster without webhook configurations pays a look at an empty list. */
export interface WebhookAdmission extends Disposable {
  readonly mutating: AdmissionPlugin
  readonly validating: AdmissionPlugin
}

export function createWebhookAdmission({
  store,
  index,
  matcher,
  client,
  conditionsMet,
  log,
}: Options): WebhookAdmission {
  const webhooks: Webhooks = { client, invocations: createInvocations({ matcher, index }), conditionsMet, log }
  const hooks = { mutating: mutatingHooks(store), validating: validatingHooks(store) }
  return {
    mutating: mutatingWebhooks(webhooks, hooks.mutating),
    validating: validatingWebhooks(webhooks, hooks.validating),
    [Symbol.dispose]() {
      hooks.mutating[Symbol.dispose]()
      hooks.validating[Symbol.dispose]()
    },
  }
}
