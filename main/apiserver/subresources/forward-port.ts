import type { Duplex } from 'node:stream'
import { finished } from 'node:stream/promises'

interface Forward {
  /** How the text of a failure begins: `error forwarding port 80 to pod p, uid u`. */
  what: string
  open: () => Promise<Duplex>
  /** The client's ends of one connection: its bytes, and a text if it fails. */
  data: Duplex
  error: Duplex
}

/**
 * Carries one connection between a client and a port of a pod, each direction until its end. It is over when the pod has
 * ended its direction or the client has left; what went wrong is told on the error stream (cri-streaming's portforward).
 */
export async function forwardPort({ what, open, data, error }: Forward): Promise<void> {
  error.resume()
  try {
    const pod = await open()
    pod.on('error', () => undefined)
    const drop = () => pod.destroy()
    data.once('close', drop)
    if (data.destroyed) drop()
    data.pipe(pod)
    pod.pipe(data, { end: false })
    await finished(pod, { writable: false })
    drop()
  } catch (fault) {
    // A connection that its client has given up ends by no fault of the pod.
    if (!data.destroyed) error.write(`${what}: ${fault instanceof Error ? fault.message : String(fault)}`)
  } finally {
    const ended = [data.end(), error.end()].map(stream => finished(stream, { readable: false }))
    // What the client still sends goes nowhere.
    data.resume()
    await Promise.allSettled(ended)
  }
}
