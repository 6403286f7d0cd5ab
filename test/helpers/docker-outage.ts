import { rmSync } from 'node:fs'
import { connect, createServer, type Server, type Socket } from 'node:net'

const engine = '/var/run/docker.sock'

/** A Docker Engine's socket that can go away and come back while the engine itself, which others use, goes on. */
export interface DockerOutage extends AsyncDisposable {
  /** For DOCKER_HOST. */
  readonly host: string
  /** Nobody answers any more; what is under way is cut off. */
  begin(): Promise<void>
  /** Connections are accepted and nothing is ever answered, as by an engine that is starting up; also a kind of outage. */
  hang(): Promise<void>
  end(): Promise<void>
}

/** Begins with an outage. */
export function createDockerOutage(socketFile: string): DockerOutage {
  const sockets = new Set<Socket>()
  let server: Server | undefined

  function join(client: Socket) {
    const upstream = connect({ path: engine, allowHalfOpen: true })
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from)
      from.pipe(to)
      from.on('error', () => to.destroy()).on('close', () => sockets.delete(from))
    }
  }

  async function begin(): Promise<void> {
    const closed = new Promise<void>(resolve => (server ? server.close(() => resolve()) : resolve()))
    for (const socket of sockets) socket.destroy()
    rmSync(socketFile, { force: true })
    server = undefined
    await closed
  }
  function listen(take: (client: Socket) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      server = createServer({ allowHalfOpen: true }, take).once('error', reject).listen(socketFile, resolve)
    })
  }
  function hold(client: Socket) {
    sockets.add(client)
    client.on('error', () => undefined).on('close', () => sockets.delete(client))
  }
  return {
    host: `unix://${socketFile}`,
    begin,
    async hang() {
      await begin()
      await listen(hold)
    },
    async end() {
      await begin()
      await listen(join)
    },
    [Symbol.asyncDispose]: begin,
  }
}
