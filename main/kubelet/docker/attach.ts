import type Docker from 'dockerode'
import { finished } from 'node:stream/promises'
import type { AttachOptions, ExecSession } from '../../../shared/machinery/streams.ts'
import { demultiplex } from './demultiplex.ts'
import { orFault } from './engine-errors.ts'
import { duplex } from './engine-stream.ts'
import { detachKeys, terminalOutput } from './exec.ts'

/** Connects with the streams of a running container's own process; see Runtime.attach. */
export async function attachTo(
  docker: Docker,
  id: string,
  { stdin, stdout, stderr }: AttachOptions,
): Promise<ExecSession> {
  const container = docker.getContainer(id)
  const { Config } = await orFault('RuntimeUnavailable', container.inspect())
  const { Tty: tty, StdinOnce: once } = Config
  const asked = { stdin, stdout, stderr: stderr && !tty, stream: true, hijack: true, detachKeys }
  const stream = duplex(await orFault('RuntimeUnavailable', container.attach(asked)))
  // A reader may come late: without a listener a broken connection would be an uncaught error.
  stream.on('error', () => undefined)
  // To one that has ended the engine attaches all the same, and waits for its next start.
  const running = await orFault('RuntimeUnavailable', container.inspect()).then(
    ({ State }) => State.Running,
    () => false,
  )
  if (!running) {
    stream.destroy()
    throw new Error('container is in CONTAINER_EXITED state')
  }
  const exitCode = finished(stream, { writable: false }).then(
    () => 0,
    () => 0,
  )
  return {
    output: tty ? terminalOutput(stream) : demultiplex(stream),
    exitCode,
    write: data =>
      new Promise((resolve, reject) => {
        stream.write(data, error => (error ? reject(error) : resolve()))
      }),
    closeStdin() {
      // Elsewhere the engine would take it for the end of the attachment, and the output is still wanted.
      if (once && !tty) stream.end()
    },
    resize: ({ width, height }) =>
      orFault('RuntimeUnavailable', container.resize({ w: width, h: height }) as Promise<void>),
    async [Symbol.asyncDispose]() {
      stream.destroy()
    },
  }
}
