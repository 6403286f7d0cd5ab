import { notFound } from '../../../shared/machinery/status.ts'
import { answerObject } from '../codec/answer.ts'
import { subjectOf } from '../registry/core.ts'
import { recordKey, served } from '../registry/records.ts'
import type { Entry } from '../../store/store.ts'
import type { ServerResponse } from '../request.ts'
import { resourceVersionTooLarge, revisionOf } from './list-options.ts'
import type { ResourceCall } from './resource-call.ts'

/** GET on an object or its `/status`. */
export function get(call: ResourceCall): ServerResponse | Promise<ServerResponse> {
  const { core, context, resource } = call
  const { request } = context
  const entry = core.store.get(recordKey(resource, call))
  const asked = revisionOf(request.query.get('resourceVersion') ?? '') ?? 0
  if (asked > core.store.revision) throw resourceVersionTooLarge(asked, core.store.revision)
  if (!entry) throw notFound(subjectOf(resource, call.name))
  const answer = (own: Entry) => answerObject({ request, resource, status: 200, entry: own, now: core.clock.now() })
  const own = served(resource, entry)
  return own instanceof Promise ? own.then(answer) : answer(own)
}
