import type { Config } from '../../config.ts'
import { addNodes } from './add-nodes.ts'
import { connect } from './connect.ts'
import { drainNodes } from './drain-nodes.ts'
import { listNodes } from './list-nodes.ts'
import { removeNodes } from './remove-nodes.ts'
import { switchNodes } from './switch-nodes.ts'

/** `podbay node`: tells the running engine through its API which nodes there should be. */
export async function node(config: Config): Promise<void> {
  const { node: command } = config
  if (!command) throw new Error('node: what to do is missing')
  using connection = connect(config)
  const { client, runtime } = connection
  if (command.verb === 'add') await addNodes(client, command, { name: config.name, runtime })
  else if (command.verb === 'list') await listNodes(client)
  else if (command.verb === 'drain') await drainNodes(client, command)
  else if (command.verb === 'remove') await removeNodes(client, command)
  else await switchNodes(client, { ...command, verb: command.verb })
}
