import { pods, type Pod } from '../../../shared/api/core.ts'
import type { Informers } from '../../../shared/client/informer.ts'

const byNode = 'spec.nodeName'

/** The pods bound to a node. */
export function podsOn(node: string, informers: Informers): Pod[] {
  const informer = informers.informer(pods)
  informer.index(byNode, pod => (pod.spec.nodeName ? [pod.spec.nodeName] : []))
  return informer.by(byNode, node)
}
