import { answerObject } from '../codec/answer.ts'
import { readDecoded } from '../codec/body.ts'
import { decodeObject, fieldValidationOf } from '../codec/decode-object.ts'
import { updateObject } from '../registry/update.ts'
import type { ServerResponse } from '../request.ts'
import { writeOf, type ResourceCall } from './resource-call.ts'

/** PUT on an object or its `/status`. */
export async function update(call: ResourceCall): Promise<ServerResponse> {
  const { core, context, resource } = call
  const { request } = context
  const write = writeOf(call)
  const validation = fieldValidationOf(request.query)
  const decoded = await readDecoded(request, { strict: validation !== 'Ignore' })
  const object = decodeObject(decoded, { resource, validation, warn: write.warn })
  // Where there may be a second attempt, it must not start from what the first one changed.
  const once = Boolean(object.metadata.resourceVersion)
  const entry = await updateObject(core, write, () => (once ? object : structuredClone(object)))
  return answerObject({ request, resource, status: 200, entry, now: core.clock.now() })
}
