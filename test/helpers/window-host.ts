import { once } from 'node:events'
import { WebSocket } from 'ws'
import { connect } from '../../shared/contract/connect.ts'
import type { Host } from '../../shared/contract/host.ts'
import { rpcProtocol, webSocketTransport } from '../../shared/contract/web-socket.ts'

/** What the window in a browser is connected to, from the address that the ready line says. */
export async function openHost(window: string): Promise<Host & Disposable> {
  const { host, hash } = new URL(window)
  const protocols = [rpcProtocol, `podbay.token.${hash.replace('#token=', '')}`]
  const socket = new WebSocket(`ws://${host}/rpc`, protocols, { origin: `http://${host}` })
  await once(socket, 'open')
  return connect<Host>(webSocketTransport(socket))
}
