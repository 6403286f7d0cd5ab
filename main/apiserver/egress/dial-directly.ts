import { once } from 'node:events'
import { createConnection } from 'node:net'
import type { Dial } from './dial.ts'

/** Connects as this machine does: to what is outside of the cluster. */
export const dialDirectly: Dial = async (host, port, signal) => {
  const socket = createConnection({ host, port })
  try {
    await once(socket, 'connect', { signal })
    return socket
  } catch (error) {
    socket.destroy()
    throw error
  }
}
