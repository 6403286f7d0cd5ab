import type { MutatingWebhook } from '../../../../shared/api/admissionregistration.ts'
import type { KubeObject } from '../../../../shared/api/object.ts'
import { jsonEqual } from '../../../../shared/machinery/json-value.ts'
import type { LiveList } from '../../registry/live-list.ts'
import type { AdmissionPlugin, AdmissionRequest, Rounds } from '../admission.ts'
import { isExempt } from '../matching/matcher.ts'
import { askWebhook } from './ask.ts'
import type { Hook } from './hooks.ts'
import { convertedTo } from './invocation.ts'
import { patchedBy } from './patch-object.ts'
import type { Webhooks } from './webhooks.ts'

/** What one request's second round of mutation must know of the first (plugin/webhook/mutating/reinvocationcontext.go). */
interface Memory {
  /** Webhooks that want to be asked again if something after them changes the object. */
  asked: Set<string>
  /** Of those, the ones after which something has. */
  again: Set<string>
  /** The object as the last webhook left it. */
  last: KubeObject | undefined
}

/** MutatingAdmissionWebhook: asks one webhook after the other; each sees what those before it have made of the object. */
export function mutatingWebhooks(webhooks: Webhooks, hooks: LiveList<Hook<MutatingWebhook>>): AdmissionPlugin {
  const memories = new WeakMap<Rounds, Memory>()
  return {
    name: 'MutatingAdmissionWebhook',
    async mutate(request, rounds) {
      const found = hooks.all()
      const all = found instanceof Promise ? await found : found
      if (all.length === 0 || isExempt(request)) return undefined
      const memory = memories.get(rounds) ?? { asked: new Set(), again: new Set(), last: undefined }
      memories.set(rounds, memory)
      if (rounds.second && !jsonEqual(memory.last, request.object)) askAgain(memory)
      for (const hook of all) await ask(webhooks, hook, { request, rounds, memory })
      memory.last = request.object && structuredClone(request.object)
      return undefined
    },
  }
}

/** Something has changed: those that were asked before have not seen it. */
function askAgain(memory: Memory): void {
  memory.again = memory.again.union(memory.asked)
  memory.asked.clear()
}

interface Asking {
  request: AdmissionRequest
  rounds: Rounds
  memory: Memory
}

async function ask(webhooks: Webhooks, { webhook, id }: Hook<MutatingWebhook>, { request, rounds, memory }: Asking) {
  const { invocations } = webhooks
  const resource = invocations.resource(request, webhook)
  if (!resource || (rounds.second && !memory.again.has(id))) return
  const asked = await invocations.asked(request, resource)
  if (!(await webhooks.conditionsMet(webhook, asked))) return
  const verdict = await askWebhook(webhooks, webhook, { ...asked, mutating: true })
  if (verdict && verdict.patch !== '') {
    const own = request.kind ? undefined : resource
    const patched = patchedBy({ webhook: webhook.name, resource: own, patch: verdict.patch }, asked.object)
    if (patched && request.object) {
      replace(request.object, await convertedTo(request.resource, own ?? request.resource, patched))
      askAgain(memory)
      rounds.again()
    }
  }
  if (webhook.reinvocationPolicy === 'IfNeeded') memory.asked.add(id)
}

/** The request's object stays the one that others know, with the contents of another. */
function replace(object: KubeObject, next: KubeObject): void {
  for (const key of Object.keys(object)) Reflect.deleteProperty(object, key)
  Object.assign(object, structuredClone(next))
}
