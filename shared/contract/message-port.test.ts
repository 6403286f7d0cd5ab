import { EventEmitter } from 'node:events'
import { messagePortTransport } from './message-port.ts'
import { transportCases } from './transport.cases.ts'

transportCases('a MessagePort', async () => {
  const { port1, port2 } = new MessageChannel()
  return pair(port1, port2)
})

transportCases("Electron's MessagePortMain", async () => {
  const { port1, port2 } = new MessageChannel()
  return pair(mainPort(port1), mainPort(port2))
})

type Port = Parameters<typeof messagePortTransport>[0]

function pair(port1: Port, port2: Port) {
  return {
    here: messagePortTransport(port1),
    there: messagePortTransport(port2),
    async [Symbol.asyncDispose]() {
      port1.close()
      port2.close()
    },
  }
}

/** The shape of electron.MessagePortMain: events of Node's kind whose argument has the message as `data`. */
function mainPort(port: MessagePort) {
  const events = new EventEmitter()
  port.addEventListener('message', ({ data }: MessageEvent) => events.emit('message', { data }))
  port.addEventListener('close', () => events.emit('close'))
  return Object.assign(events, {
    postMessage: (message: unknown) => port.postMessage(message),
    start: () => port.start(),
    close: () => port.close(),
  })
}
