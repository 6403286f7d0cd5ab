import { answerObject } from '../codec/answer.ts'
import { readDecoded } from '../codec/body.ts'
import { decodeObject, fieldValidationOf } from '../codec/decode-object.ts'
import { createObject } from '../registry/create.ts'
import type { ServerResponse } from '../request.ts'
import { fieldManagerOf } from './field-manager.ts'
import { writeOf, type ResourceCall } from './resource-call.ts'

/** POST on a collection: 201 with the object. */
export async function create(call: ResourceCall): Promise<ServerResponse> {
  const { core, context, resource } = call
  const { request } = context
  const write = writeOf(call, { manager: fieldManagerOf(request, 'CreateOptions') })
  const validation = fieldValidationOf(request.query)
  const decoded = await readDecoded(request, { strict: validation !== 'Ignore' })
  const object = decodeObject(decoded, { resource, validation, warn: write.warn })
  const entry = await createObject(core, write, object)
  return answerObject({ request, resource, status: 201, entry, now: core.clock.now() })
}
