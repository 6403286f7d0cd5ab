import type { Node } from '../../shared/api/core.ts'
import { isStopped, logicalNode, type LogicalNode } from '../../shared/machinery/logical-node.ts'
import { simulationOf, undisturbed, type Simulation } from '../kubelet/simulated/simulation.ts'

/** How a node is to be run: when it changes the node is started anew. */
export interface NodePlan extends LogicalNode {
  name: string
  /** Of the Node object; '' for the first node, whose object its kubelet makes. */
  uid: string
  simulation: Simulation
}

/** The plan in a Node object; undefined if the node is stopped or nobody asked the engine for it. Throws an Error naming the annotation at fault. */
export function planOf(node: Node): NodePlan | undefined {
  const wanted = logicalNode(node)
  if (!wanted || isStopped(node) || node.metadata.deletionTimestamp) return undefined
  const { name, uid, annotations } = node.metadata
  return { ...wanted, name, uid, simulation: simulationOf(annotations, undisturbed) }
}
