import type { Dial } from '../apiserver/egress/dial.ts'

/**
 * The API server's way to pods, which leads through the node: the server is there before it, since nodes need the API
 * server to begin with.
 */
export function createPodNetwork(): { dial: Dial; use(dial: Dial): void } {
  let through: Dial | undefined
  return {
    async dial(host, port, signal) {
      if (!through) throw new Error(`dial tcp ${host}:${port}: no node is there yet`)
      return through(host, port, signal)
    },
    use(dial) {
      through = dial
    },
  }
}
