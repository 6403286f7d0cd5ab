import type { KubeletConnector } from '../connector.ts'
import type { ResourceCall } from '../verbs/resource-call.ts'
import { command } from './command.ts'
import type { Subresource } from './subresource.ts'

/** `pods/attach`: the streams of a container's own process, which goes on when the client leaves. */
export function attachSubresource(kubelets: KubeletConnector): Subresource {
  const act = (call: ResourceCall) =>
    command(call, {
      kind: 'PodAttachOptions',
      options: {},
      open: (pod, container, wanted) => kubelets.attach(pod, container, wanted),
    })
  return { name: 'attach', kind: 'PodAttachOptions', verbs: { get: act, create: act } }
}
