import { nodes, pods } from '../../../shared/api/core.ts'
import type { Client } from '../../../shared/client/client.ts'
import { keyOf } from '../../../shared/client/key.ts'
import { unlessGone } from '../../../shared/client/unless-gone.ts'
import { nodeAnnotations } from '../../../shared/machinery/logical-node.ts'
import type { Chosen } from '../../config.ts'
import { chooseNodes } from './choose-nodes.ts'

/**
 * Deletes Node objects, upon which the engine removes what the nodes ran, and then their pods, which the pod garbage
 * collector would do after a while: nobody is left to end them.
 */
export async function removeNodes(client: Client, chosen: Chosen): Promise<void> {
  const found = await chooseNodes(client, chosen)
  const first = found.find(({ metadata }) => metadata.annotations?.[nodeAnnotations.runtime] === undefined)
  if (first)
    throw new Error(
      `node ${first.metadata.name} was not added by podbay node add: it is made at each start, and can be stopped`,
    )
  for (const { metadata } of found) {
    const { name, uid } = metadata
    await unlessGone(client.delete(nodes, { namespace: '', name }, { preconditions: { uid } }))
    const { items } = await client.list(pods, { fieldSelector: `spec.nodeName=${name}` })
    await Promise.all(
      items.map(pod =>
        unlessGone(
          client.delete(pods, keyOf(pod), { gracePeriodSeconds: 0, preconditions: { uid: pod.metadata.uid } }),
        ),
      ),
    )
    console.log(`node ${name} removed${items.length > 0 ? `, with ${items.length} pods` : ''}`)
  }
}
