import type { KubeletConnector } from '../apiserver/connector.ts'
import type { Kubelet } from '../kubelet/kubelet.ts'
import type { Pod } from '../../shared/api/core.ts'
import { badRequest, internalError, serviceUnavailable } from '../../shared/machinery/status.ts'

/** The kubelets of this process. */
export interface Kubelets extends KubeletConnector {
  /** Until it is disposed of, requests for its node are its. */
  add(kubelet: Kubelet): Disposable
}

/** The API server's way to the kubelets of this process: a pod's node says which. */
export function createKubelets(): Kubelets {
  const known = new Map<string, Kubelet>()
  function kubeletOf(pod: Pod): Kubelet {
    const { nodeName = '' } = pod.spec
    if (nodeName === '') throw badRequest(`pod ${pod.metadata.name} does not have a host assigned`)
    const kubelet = known.get(nodeName)
    if (!kubelet) throw internalError(`no kubelet runs for node ${nodeName}`)
    return kubelet
  }
  return {
    add(kubelet) {
      known.set(kubelet.nodeName, kubelet)
      return { [Symbol.dispose]: () => void known.delete(kubelet.nodeName) }
    },
    logs: async (pod, container, options) => kubeletOf(pod).logs(pod, container, options),
    exec: async (pod, container, options) => kubeletOf(pod).exec(pod, container, options),
    attach: async (pod, container, options) => kubeletOf(pod).attach(pod, container, options),
    async api(nodeName, request) {
      const kubelet = known.get(nodeName)
      if (!kubelet) throw serviceUnavailable(`error trying to reach service: no kubelet runs for node ${nodeName}`)
      return kubelet.api(request)
    },
    portForward: async (pod, port) => kubeletOf(pod).portForward(pod, port),
  }
}
