import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { expect, it } from 'vitest'
import { WebSocketServer, type WebSocket as ServerSocket } from 'ws'
import { transportCases } from './transport.cases.ts'
import { openWebSocket, rpcProtocol, tokenIn, webSocketTransport } from './web-socket.ts'

transportCases('a WebSocket', async () => {
  const server = await listen()
  const accepted = once(server, 'connection') as Promise<[ServerSocket]>
  const here = await openWebSocket(url(server), 'secret')
  const [socket] = await accepted
  return {
    here,
    there: webSocketTransport(socket),
    async [Symbol.asyncDispose]() {
      here.close()
      await close(server)
    },
  }
})

it('drops frames that are no messages', async () => {
  const server = await listen()
  const accepted = once(server, 'connection') as Promise<[ServerSocket]>
  const client = new WebSocket(url(server), [rpcProtocol])
  await once(client, 'open')
  const [socket] = await accepted
  const received: unknown[] = []
  const { promise, resolve } = Promise.withResolvers<true>()
  webSocketTransport(socket).onMessage(message => {
    received.push(message)
    resolve(true)
  })
  for (const hostile of [
    '',
    '{',
    'null',
    '{"id":1}',
    '{"id":"1","type":"end"}',
    '{"id":1,"type":"credit","count":-1}',
  ]) {
    client.send(hostile)
  }
  client.send(new Uint8Array([255, 255, 255, 255, 0]))
  client.send(new Uint8Array([0]))
  client.send('{"id":2,"type":"cancel"}')
  await promise
  expect(received).toEqual([{ id: 2, type: 'cancel' }])
  client.close()
  await close(server)
})

it('refuses to open where nobody listens', async () => {
  const server = await listen()
  const gone = url(server)
  await close(server)
  await expect(openWebSocket(gone, 'secret')).rejects.toMatchObject({ code: 503 })
})

it('finds the token among the subprotocols', () => {
  expect(tokenIn([rpcProtocol, 'podbay.token.abc'])).toBe('abc')
  expect(tokenIn([rpcProtocol])).toBeUndefined()
})

async function listen(): Promise<WebSocketServer> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, handleProtocols: () => rpcProtocol })
  await once(server, 'listening')
  return server
}

function url(server: WebSocketServer): string {
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function close(server: WebSocketServer): Promise<void> {
  for (const socket of server.clients) socket.terminate()
  await new Promise(resolve => server.close(resolve))
}
