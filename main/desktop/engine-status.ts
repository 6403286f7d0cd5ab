import { MessageChannelMain } from 'electron'
import { connect } from '../../shared/contract/connect.ts'
import type { Host, HostStatus } from '../../shared/contract/host.ts'
import { messagePortTransport } from '../../shared/contract/message-port.ts'
import type { Engine } from './engine.ts'

/** Follows the engine's status over a port of its own, as a page would, until the engine goes (then undefined). */
export async function followStatus(engine: Engine, changed: (status: HostStatus | undefined) => void): Promise<void> {
  const { port1, port2 } = new MessageChannelMain()
  using host = connect<Host>(messagePortTransport(port1))
  engine.connect(port2)
  try {
    for await (const status of host.watchStatus()) changed(status)
  } catch {
    // The engine went; whoever starts it again calls this again.
  } finally {
    changed(undefined)
  }
}
