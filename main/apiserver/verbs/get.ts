import { notFound } from '../../../shared/machinery/status.ts'
import { answerObject } from '../codec/answer.ts'
import { subjectOf } from '../registry/core.ts'
import { keyOf } from '../registry/key.ts'
import type { ServerResponse } from '../request.ts'
import { resourceVersionTooLarge, revisionOf } from './list-options.ts'
import type { ResourceCall } from './resource-call.ts'

/** GET on an object or its `/status`. */
export function get(call: ResourceCall): ServerResponse {
  const { core, context, resource } = call
  const { request } = context
  const entry = core.store.get(keyOf(resource.ref, call))
  const asked = revisionOf(request.query.get('resourceVersion') ?? '') ?? 0
  if (asked > core.store.revision) throw resourceVersionTooLarge(asked, core.store.revision)
  if (!entry) throw notFound(subjectOf(resource, call.name))
  return answerObject({ request, resource, status: 200, entry, now: core.clock.now() })
}
