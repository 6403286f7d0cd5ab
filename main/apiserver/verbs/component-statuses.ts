import type { KubeObject } from '../../../shared/api/object.ts'
import { notFound } from '../../../shared/machinery/status.ts'
import { answerList, answerObject } from '../codec/answer.ts'
import { subjectOf } from '../registry/core.ts'
import type { ServerResponse } from '../request.ts'
import type { ResourceCall } from './resource-call.ts'
import { selectionOf } from './selection.ts'

/** What upstream asks for their health. Here they are parts of the process that answers, so they are as well as it is. */
const components = ['controller-manager', 'scheduler', 'etcd-0']

const statuses = components.map(name => {
  const conditions = [{ type: 'Healthy', status: 'True', message: 'ok' }]
  const bytes = Buffer.from(
    JSON.stringify({ apiVersion: 'v1', kind: 'ComponentStatus', metadata: { name }, conditions }),
  )
  return { bytes, object: JSON.parse(bytes.toString()) as KubeObject }
})

/** GET on ComponentStatuses, which nobody stores (pkg/registry/core/componentstatus). */
export function componentStatuses({ core, context, resource, name }: ResourceCall): ServerResponse {
  const { request } = context
  const now = core.clock.now()
  if (name !== '') {
    const entry = statuses.find(({ object }) => object.metadata.name === name)
    if (!entry) throw notFound(subjectOf(resource, name))
    return answerObject({ request, resource, status: 200, entry, now })
  }
  const { matches } = selectionOf(resource, request.query)
  const entries = matches ? statuses.filter(({ object }) => matches(object)) : statuses
  return answerList({ request, resource, entries, metadata: { resourceVersion: '' }, now })
}
