import { nodes } from '../../../shared/api/core.ts'
import type { Client } from '../../../shared/client/client.ts'
import { isStopped, nodeAnnotations } from '../../../shared/machinery/logical-node.ts'
import type { Chosen } from '../../config.ts'
import { chooseNodes } from './choose-nodes.ts'

/** Switches nodes off or on; the engine sees it in their annotations. */
export async function switchNodes(client: Client, chosen: Chosen & { verb: 'stop' | 'start' }): Promise<void> {
  const stops = chosen.verb === 'stop'
  for (const node of await chooseNodes(client, chosen)) {
    const { name } = node.metadata
    if (isStopped(node) === stops) {
      console.log(`node ${name} ${stops ? 'is stopped already' : 'is not stopped'}`)
      continue
    }
    // null removes an annotation.
    const body = { metadata: { annotations: { [nodeAnnotations.stopped]: stops ? 'true' : null } } }
    await client.patch(nodes, { namespace: '', name }, { type: 'application/merge-patch+json', body })
    console.log(`node ${name} ${stops ? 'stopped' : 'started'}`)
  }
}
