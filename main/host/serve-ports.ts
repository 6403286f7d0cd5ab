import type { Host } from '../../shared/contract/host.ts'
import { messagePortTransport } from '../../shared/contract/message-port.ts'
import { serve } from '../../shared/contract/serve.ts'
import { quitMessage } from '../../shared/contract/shell.ts'
import type { Logger } from '../../shared/machinery/log.ts'

type Port = Parameters<typeof messagePortTransport>[0]

/** `process.parentPort` of a utilityProcess: how Electron's main process reaches the engine. */
export interface ParentPort {
  on(event: 'message', listener: (event: { data: unknown; ports: Port[] }) => void): unknown
  off(event: 'message', listener: (event: { data: unknown; ports: Port[] }) => void): unknown
}

/** The parent port when this process is a utilityProcess, undefined under plain Node. */
export function parentPort(): ParentPort | undefined {
  return (process as { parentPort?: ParentPort }).parentPort
}

/** Serves `host` on every port the shell hands over, until the port closes. Disposing closes all of them. */
export function servePorts(options: { parent: ParentPort; host: Host; onQuit: () => void; log: Logger }): Disposable {
  const { parent, host, onQuit, log } = options
  const open = new Set<Disposable>()

  function accept(port: Port): void {
    const transport = messagePortTransport(port)
    const serving = serve(transport, host, log)
    const connection = {
      [Symbol.dispose]() {
        serving[Symbol.dispose]()
        transport.close()
      },
    }
    open.add(connection)
    transport.onClose(() => open.delete(connection))
  }
  const receive = ({ data, ports }: { data: unknown; ports: Port[] }) => {
    for (const port of ports) accept(port)
    if (data === quitMessage) onQuit()
  }

  parent.on('message', receive)
  return {
    [Symbol.dispose]() {
      parent.off('message', receive)
      for (const connection of open) connection[Symbol.dispose]()
      open.clear()
    },
  }
}
