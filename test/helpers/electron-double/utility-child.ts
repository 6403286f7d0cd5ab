import { EventEmitter } from 'node:events'
import { pathToFileURL } from 'node:url'
import { createRelay, type RelayMessage } from './ports.ts'

/** Runs in the child process: provides `process.parentPort`, then the module that was to be forked. */
const parentPort = new EventEmitter()
const relay = createRelay(message => process.send?.(message))
const queued: unknown[] = []

process.on('message', (message: RelayMessage | { data: unknown; ports: number[] }) => {
  if ('relay' in message) {
    relay.receive(message)
    return
  }
  const event = { data: message.data, ports: message.ports.map(id => relay.accept(id)) }
  // As Electron does: what comes before anybody listens waits.
  if (parentPort.listenerCount('message') > 0) parentPort.emit('message', event)
  else queued.push(event)
})
parentPort.on('newListener', (name: string) => {
  if (name === 'message') setImmediate(() => queued.splice(0).forEach(event => parentPort.emit('message', event)))
})
// The shell is gone: Chromium would take this process along.
process.on('disconnect', () => process.exit(1))

Object.assign(process, { parentPort })
const [path = ''] = process.argv.splice(2, 1)
await import(pathToFileURL(path).href)
