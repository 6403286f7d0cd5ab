import { setTimeout as wait } from 'node:timers/promises'
import { nodeAnnotations } from '../../shared/machinery/logical-node.ts'
import type { Kubectl } from '../helpers/kubectl.ts'
import type { Disaster } from './disasters.ts'
import { dockerNode } from './manifests.ts'

type NodeDisaster = (node: string, kubectl: Kubectl, ...given: Parameters<Disaster>) => Promise<string>

function onNode(happen: NodeDisaster): Disaster {
  return async (victims, fate) => {
    const node = fate.of(victims.nodes) ?? ''
    return `${node}${await happen(node, victims.kubectl(), victims, fate)}`
  }
}

/** As `podbay node stop` and `podbay node start` do it: a power failure. */
async function stopNode(node: string, kubectl: Kubectl, _: unknown, { pause }: { pause: number }) {
  await kubectl.ok(['annotate', 'node', node, '--overwrite', `${nodeAnnotations.stopped}=true`])
  await wait(pause * 4)
  await kubectl.ok(['annotate', 'node', node, `${nodeAnnotations.stopped}-`])
  return ` for ${pause * 4} ms`
}

/** What a disruption budget holds back when its time is up stays. */
async function drainNode(node: string, kubectl: Kubectl) {
  const flags = ['--ignore-daemonsets', '--delete-emptydir-data', '--force', '--grace-period=1', '--timeout=10s']
  const { code } = await kubectl.run(['drain', node, ...flags])
  await kubectl.ok(['uncordon', node])
  return code === 0 ? '' : ', but not to the end'
}

/** The engine may die before all that the node had is gone. */
const removeNode: NodeDisaster = async (node, kubectl, { engine, startEngine }, { coin, pause }) => {
  await kubectl.ok(['delete', 'node', node])
  if (coin) await engine().end('SIGKILL')
  await wait(pause)
  if (coin) await startEngine()
  await kubectl.ok(['apply', '-f', '-'], JSON.stringify(dockerNode(node)))
  return coin ? ', and kill the engine meanwhile' : ''
}

/** What befalls nodes beside the first, and how often. */
export const nodeDisasters: [number, string, Disaster][] = [
  [2, 'stop a node and start it again', onNode(stopNode)],
  [2, 'drain a node', onNode(drainNode)],
  [1, 'remove a node and add it again', onNode(removeNode)],
]
