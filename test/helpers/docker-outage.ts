import { rmSync } from 'node:fs'
import { connect, createServer, type Server, type Socket } from 'node:net'

const engine = '/var/run/docker.sock'

/** A Docker Engine's socket that can go away and come back while the engine itself, which others use, goes on. */
export interface DockerOutage extends AsyncDisposable {
  /** For DOCKER_HOST. */
  readonly host: string
  /** Nobody answers any more; what is under way is cut off. */
  begin(): Promise<void>
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
  return {
    host: `unix://${socketFile}`,
    begin,
    end: () =>
      new Promise((resolve, reject) => {
        server = createServer({ allowHalfOpen: true }, join).once('error', reject).listen(socketFile, resolve)
      }),
    [Symbol.asyncDispose]: begin,
  }
}
