import type { ValidatingWebhook } from '../../../../shared/api/admissionregistration.ts'
import { StatusError } from '../../../../shared/machinery/status.ts'
import type { LiveList } from '../../registry/live-list.ts'
import type { AdmissionPlugin } from '../admission.ts'
import { isExempt } from '../matching/matcher.ts'
import { askWebhook } from './ask.ts'
import type { Hook } from './hooks.ts'
import type { Webhooks } from './webhooks.ts'

/** ValidatingAdmissionWebhook: asks all webhooks at the same time; the first of them that refuses is the one that is told of. */
export function validatingWebhooks(webhooks: Webhooks, hooks: LiveList<Hook<ValidatingWebhook>>): AdmissionPlugin {
  return {
    name: 'ValidatingAdmissionWebhook',
    async validate(request) {
      const found = hooks.all()
      const all = found instanceof Promise ? await found : found
      if (all.length === 0 || isExempt(request)) return undefined
      const relevant = []
      for (const { webhook } of all) {
        const resource = webhooks.invocations.resource(request, webhook)
        if (!resource) continue
        const asked = await webhooks.invocations.asked(request, resource)
        if (await webhooks.conditionsMet(webhook, asked)) relevant.push({ webhook, asked })
      }
      const answers = await Promise.allSettled(
        relevant.map(({ webhook, asked }) => askWebhook(webhooks, webhook, { ...asked, mutating: false })),
      )
      for (const answer of answers) {
        if (answer.status === 'fulfilled') continue
        if (answer.reason instanceof StatusError) return answer.reason
        throw answer.reason
      }
      return undefined
    },
  }
}
