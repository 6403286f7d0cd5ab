import { Duplex } from 'node:stream'
import type { ExecSession } from '../../../shared/machinery/streams.ts'
import type { NodeAgent } from './agent/agent.ts'
import { orFault } from './engine-errors.ts'
import { startExec, type ExecDependencies } from './exec.ts'

/** A connection that the node agent makes within a sandbox's network namespace; see Runtime.portForward. */
export async function openPodPort(
  dependencies: ExecDependencies & { agent: NodeAgent },
  sandboxId: string,
  port: number,
): Promise<Duplex> {
  const { docker, agent } = dependencies
  const { State } = await orFault('RuntimeUnavailable', docker.getContainer(sandboxId).inspect())
  // The process may be gone and its number taken by another: only a process of that very container is entered.
  const script = `grep -qs ${sandboxId} /proc/${State.Pid}/cgroup || { echo 'the pod has ended' >&2; exit 1; }
    exec nsenter -t ${State.Pid} -n nc 127.0.0.1 ${port}`
  const session = await startExec(dependencies, await agent.containerId(), {
    command: ['sh', '-c', script],
    stdin: true,
    stdout: true,
    stderr: true,
    tty: false,
  })
  return duplexOf(session)
}

/** A command's input and output as one connection, which breaks with what the command says on stderr. */
function duplexOf(session: ExecSession): Duplex {
  const chunks = received(session)[Symbol.asyncIterator]()
  const settle = (work: Promise<void>, done: (error?: Error | null) => void) =>
    work.then(
      () => done(),
      (error: unknown) => done(asError(error)),
    )
  return new Duplex({
    read() {
      chunks.next().then(
        ({ done, value }) => this.push(done === true ? null : value),
        (error: unknown) => this.destroy(asError(error)),
      )
    },
    write: (data: Buffer, _encoding, done) => void settle(session.write(data), done),
    final(done) {
      session.closeStdin()
      done()
    },
    destroy: (error, done) => void session[Symbol.asyncDispose]().then(() => done(error)),
  })
}

async function* received({ output }: ExecSession): AsyncGenerator<Uint8Array> {
  for await (const { stream, data } of output) {
    if (stream === 'stderr') throw new Error(Buffer.from(data).toString().trim())
    yield data
  }
}

const asError = (error: unknown) => (error instanceof Error ? error : new Error(String(error)))
