import type { ServerResponse } from '../request.ts'
import { logOptions } from '../subresources/log-options.ts'
import { podOn, specOf, text, type Asked } from './kubelet-answer.ts'

/** `/containerLogs/<namespace>/<pod>/<container>` (pkg/kubelet/server/server.go, getContainerLogs). */
export async function containerLogs(asked: Asked, names: readonly string[]): Promise<ServerResponse> {
  const [namespace = '', name = '', container = ''] = names
  const { kubelets, core, request } = asked
  const query = new URLSearchParams(request.query)
  const tail = query.get('tail')
  if (tail === 'all') query.delete('tailLines')
  else if (tail) query.set('tailLines', tail)
  let wanted
  try {
    wanted = logOptions(query, core.clock.now())
  } catch {
    return text(400, '{"message": "Unable to decode query."}')
  }
  if (wanted.causes.length > 0) return text(422, '{"message": "Invalid request."}')
  const pod = podOn(asked, namespace, name)
  if (!pod) return text(404, `pod "${name}" does not exist`)
  if (!specOf(pod, container)) return text(404, `container "${container}" not found in pod "${name}"`)
  const stream = await kubelets.logs(pod, container, { ...wanted.options, signal: request.signal })
  return { status: 200, headers: { 'content-type': 'text/plain' }, stream }
}
