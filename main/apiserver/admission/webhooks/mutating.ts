import type { MutatingWebhook } from '../../../../shared/api/admissionregistration.ts'
import type { LiveList } from '../../registry/live-list.ts'
import type { AdmissionPlugin, AdmissionRequest } from '../admission.ts'
import { isExempt } from '../matching/matcher.ts'
import { createReinvocation, type Round } from '../reinvocation.ts'
import { askWebhook } from './ask.ts'
import type { Hook } from './hooks.ts'
import { convertedTo } from './invocation.ts'
import { patchedBy } from './patch-object.ts'
import type { Webhooks } from './webhooks.ts'

/** MutatingAdmissionWebhook: asks one webhook after the other; each sees what those before it have made of the object. */
export function mutatingWebhooks(webhooks: Webhooks, hooks: LiveList<Hook<MutatingWebhook>>): AdmissionPlugin {
  const roundOf = createReinvocation()
  return {
    name: 'MutatingAdmissionWebhook',
    async mutate(request, rounds) {
      const found = hooks.all()
      const all = found instanceof Promise ? await found : found
      if (all.length === 0 || isExempt(request)) return undefined
      const round = roundOf(request, rounds)
      for (const hook of all) await ask(webhooks, hook, { request, round })
      round.end()
      return undefined
    },
  }
}

interface Asking {
  request: AdmissionRequest
  round: Round
}

async function ask(webhooks: Webhooks, { webhook, id }: Hook<MutatingWebhook>, { request, round }: Asking) {
  const { invocations } = webhooks
  const resource = invocations.resource(request, webhook)
  if (!resource || !round.asks(id)) return
  const asked = await invocations.asked(request, resource)
  if (!(await webhooks.conditionsMet(webhook, asked))) return
  const verdict = await askWebhook(webhooks, webhook, { ...asked, mutating: true })
  if (verdict && verdict.patch !== '') {
    const own = request.kind ? undefined : resource
    const patched = patchedBy({ webhook: webhook.name, resource: own, patch: verdict.patch }, asked.object)
    if (patched) round.change(await convertedTo(request.resource, own ?? request.resource, patched))
  }
  if (webhook.reinvocationPolicy === 'IfNeeded') round.mayAskAgain(id)
}
