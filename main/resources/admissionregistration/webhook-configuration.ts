import {
  mutatingWebhookConfigurations,
  validatingWebhookConfigurations,
  type MutatingWebhook,
  type ValidatingWebhook,
} from '../../../shared/api/admissionregistration.ts'
import type { KubeObject, StatusCause } from '../../../shared/api/object.ts'
import { jsonEqual } from '../../../shared/machinery/json-value.ts'
import { startGeneration } from '../generation.ts'
import { ageColumn, nameColumn } from '../name-column.ts'
import { defineResource, type Resource } from '../resource.ts'
import { schemaOf } from '../schemas.ts'
import { ensureStructs } from '../structs.ts'
import { validateWebhooks } from './webhook-validation.ts'

type Webhook = ValidatingWebhook | MutatingWebhook

interface Configuration extends KubeObject {
  webhooks?: Webhook[]
}

/** What both kinds have in common: all but the defaults of a webhook. */
const common = {
  categories: ['api-extensions'],
  prepareForCreate: startGeneration,
  prepareForUpdate: (object: Configuration, old: Configuration) => {
    if (!jsonEqual(object.webhooks ?? [], old.webhooks ?? []))
      object.metadata.generation = (old.metadata.generation ?? 0) + 1
  },
  validate: (object: Configuration): StatusCause[] => validateWebhooks(object.webhooks),
  validateUpdate: (object: Configuration, old: Configuration) => validateWebhooks(object.webhooks, old.webhooks ?? []),
  unconditionalUpdate: false,
  columns: [
    nameColumn,
    { name: 'Webhooks', type: 'integer', cell: (object: Configuration) => object.webhooks?.length ?? 0 },
    ageColumn,
  ],
} satisfies Partial<Resource<Configuration>>

export const mutatingWebhookConfiguration = defineResource(mutatingWebhookConfigurations, {
  ...common,
  schema: () => schemaOf('io.k8s.api.admissionregistration.v1.MutatingWebhookConfiguration'),
  setDefaults: ({ webhooks = [] }) => {
    for (const webhook of webhooks) {
      setWebhookDefaults(webhook)
      webhook.reinvocationPolicy ??= 'Never'
    }
  },
})

export const validatingWebhookConfiguration = defineResource(validatingWebhookConfigurations, {
  ...common,
  schema: () => schemaOf('io.k8s.api.admissionregistration.v1.ValidatingWebhookConfiguration'),
  setDefaults: ({ webhooks = [] }) => webhooks.forEach(setWebhookDefaults),
})

function setWebhookDefaults(webhook: Webhook): void {
  webhook.failurePolicy ??= 'Fail'
  webhook.matchPolicy ??= 'Equivalent'
  webhook.namespaceSelector ??= {}
  webhook.objectSelector ??= {}
  webhook.timeoutSeconds ??= 10
  for (const rule of webhook.rules ?? []) rule.scope ??= '*'
  ensureStructs(webhook, 'clientConfig')
  if (webhook.clientConfig.service) webhook.clientConfig.service.port ??= 443
}
