import type { Resource } from '../../resources/resource.ts'
import type { KubeletConnector } from '../connector.ts'
import type { EgressClient } from '../egress/client.ts'
import type { ServiceAccountTokens } from '../authn/service-account-tokens.ts'
import { get } from '../verbs/get.ts'
import { patch } from '../verbs/patch.ts'
import { update } from '../verbs/update.ts'
import { attachSubresource } from './attach.ts'
import { bindingSubresource } from './binding.ts'
import { evictionSubresource } from './eviction.ts'
import { execSubresource } from './exec.ts'
import { finalizeSubresource } from './finalize.ts'
import { logSubresource } from './log.ts'
import { portForwardSubresource } from './port-forward.ts'
import { proxySubresources } from './proxy.ts'
import { scaleSubresource } from './scale.ts'
import type { Subresource, Subresources } from './subresource.ts'
import { tokenSubresource } from './token.ts'

/** The subresources of every kind: `status` and `scale` where the kind says so, and those that only one kind has. */
export function createSubresources({
  kubelets,
  tokens,
  egress,
}: {
  kubelets: KubeletConnector
  tokens: ServiceAccountTokens
  egress: EgressClient
}): Subresources {
  const proxies = proxySubresources({ client: egress, kubelets })
  const special: Record<string, readonly Subresource[]> = {
    pods: [
      bindingSubresource,
      evictionSubresource,
      execSubresource(kubelets),
      logSubresource(kubelets),
      attachSubresource(kubelets),
      portForwardSubresource(kubelets),
      proxies.pods,
    ],
    services: [proxies.services],
    nodes: [proxies.nodes],
    namespaces: [finalizeSubresource],
    serviceaccounts: [tokenSubresource(tokens)],
  }
  const found = new WeakMap<Resource, readonly Subresource[]>()
  return resource => {
    let own = found.get(resource)
    if (!own) {
      const { ref, scale, status, parts = {} } = resource
      own = [
        ...((ref.group === '' && special[ref.resource]) || []),
        ...Object.keys(parts).map(name => ({ name, kind: ref.kind, verbs: { get, update, patch } })),
        ...(scale ? [scaleSubresource(scale)] : []),
        ...(status ? [{ name: 'status', kind: ref.kind, verbs: { get, update, patch } }] : []),
      ]
      found.set(resource, own)
    }
    return own
  }
}
