import {
  mutatingWebhookConfigurations,
  validatingWebhookConfigurations,
  type MutatingWebhook,
  type ValidatingWebhook,
} from '../../../../shared/api/admissionregistration.ts'
import type { Store } from '../../../store/store.ts'
import { createLiveList, type LiveList } from '../../registry/live-list.ts'

/** A webhook of a configuration. */
export interface Hook<W extends ValidatingWebhook | MutatingWebhook = ValidatingWebhook | MutatingWebhook> {
  readonly webhook: W
  readonly configuration: string
  /** Tells webhooks of one name apart, also over a change of their configuration. */
  readonly id: string
}

/** All mutating webhooks in the order of their configurations' names. */
export function mutatingHooks(store: Store): LiveList<Hook<MutatingWebhook>> {
  return createLiveList(store, mutatingWebhookConfigurations, objects => objects.flatMap(hooksOf))
}

export function validatingHooks(store: Store): LiveList<Hook<ValidatingWebhook>> {
  return createLiveList(store, validatingWebhookConfigurations, objects => objects.flatMap(hooksOf))
}

function hooksOf<W extends ValidatingWebhook | MutatingWebhook>({
  metadata,
  webhooks = [],
}: {
  metadata: { name: string }
  webhooks?: W[]
}): Hook<W>[] {
  return webhooks.map((webhook, i) => ({
    webhook,
    configuration: metadata.name,
    id: `${metadata.name}/${webhook.name}/${webhooks.slice(0, i).filter(({ name }) => name === webhook.name).length}`,
  }))
}
