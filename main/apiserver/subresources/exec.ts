import { badRequest } from '../../../shared/machinery/status.ts'
import type { KubeletConnector } from '../connector.ts'
import type { ResourceCall } from '../verbs/resource-call.ts'
import { command } from './command.ts'
import type { Subresource } from './subresource.ts'

/** `pods/exec`: a command in a running container. Go clients ask for WebSockets with GET, for SPDY with POST. */
export function execSubresource(kubelets: KubeletConnector): Subresource {
  const act = async (call: ResourceCall) => {
    const words = call.context.request.query.getAll('command')
    if (words.length === 0) throw badRequest('you must specify the command')
    return command(call, {
      kind: 'PodExecOptions',
      options: { command: words },
      open: (pod, container, wanted) => kubelets.exec(pod, container, { ...wanted, command: words }),
    })
  }
  return { name: 'exec', kind: 'PodExecOptions', verbs: { get: act, create: act } }
}
