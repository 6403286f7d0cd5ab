import type Docker from 'dockerode'
import type { Exec, ExecInspectInfo } from 'dockerode'
import type { Duplex } from 'node:stream'
import { finished } from 'node:stream/promises'
import type { Logger } from '../../../shared/machinery/log.ts'
import type { ExecOptions, ExecSession } from '../../../shared/machinery/streams.ts'
import { demultiplex, type StreamData } from './demultiplex.ts'
import { engineMessage, orFault } from './engine-errors.ts'
import type { EngineEvents } from './events.ts'

export interface ExecDependencies {
  docker: Docker
  events: EngineEvents
  /** Sends a signal to a process by its id on the engine's host: the engine's API can't end a command. */
  kill(pid: number, signal: 'HUP' | 'KILL'): Promise<unknown>
  log: Logger
}

/** What would detach a client from a terminal: nothing that anybody types, since the engine holds back what may become it. */
export const detachKeys = 'ctrl-^,ctrl-_,ctrl-^,ctrl-_'

/**
 * Starts a command in a running container; see Runtime.exec. Disposing ends a command that still runs. It never rejects:
 * one that can't be ended because the engine is away goes on, and nobody is left who could do more.
 */
export async function startExec(
  dependencies: ExecDependencies,
  id: string,
  options: ExecOptions,
): Promise<ExecSession> {
  const { docker, events, log } = dependencies
  const exec = await orFault(
    'RuntimeUnavailable',
    docker
      .getContainer(id)
      .exec({
        Cmd: options.command,
        AttachStdin: options.stdin,
        AttachStdout: options.stdout,
        AttachStderr: options.stderr,
        Tty: options.tty,
        DetachKeys: detachKeys,
      }),
  )
  const stream = await orFault('RuntimeUnavailable', exec.start({ hijack: true, stdin: true, Tty: options.tty }))
  // A reader may come late: without a listener a broken connection would be an uncaught error.
  stream.on('error', () => undefined)
  // When a container dies the engine leaves its commands' streams open until their input ends.
  const over = events.onExecEnd(execId => {
    if (execId === exec.id) stream.end()
  })
  const exitCode = finished(stream, { writable: false })
    .catch(() => undefined)
    .finally(() => over[Symbol.dispose]())
    .then(() => exitCodeOf(exec, events))
  exitCode.catch(() => undefined)

  return {
    output: options.tty ? terminalOutput(stream) : demultiplex(stream),
    exitCode,
    write: data =>
      new Promise((resolve, reject) => {
        stream.write(data, error => (error ? reject(error) : resolve()))
      }),
    closeStdin: () => void stream.end(),
    resize: ({ width, height }) => orFault('RuntimeUnavailable', exec.resize({ w: width, h: height }) as Promise<void>),
    async [Symbol.asyncDispose]() {
      stream.destroy()
      try {
        const info = await startedExec(exec)
        if (info.Running) await dependencies.kill(info.Pid, options.tty ? 'HUP' : 'KILL')
      } catch (error) {
        log.info('A command that nobody waits for may still run', { container: id, error: engineMessage(error) })
      }
    },
  }
}

export async function* terminalOutput(stream: Duplex): AsyncIterable<StreamData> {
  for await (const data of stream as AsyncIterable<Uint8Array>) yield { stream: 'stdout', data }
}

/** The engine answers a resize only after the command has started, or failed to: until then it has no process to end. */
async function startedExec(exec: Exec): Promise<ExecInspectInfo> {
  const info = await exec.inspect()
  if (info.Pid > 0 || info.ExitCode !== null) return info
  await (exec.resize({ w: 80, h: 24 }) as Promise<unknown>).catch(() => undefined)
  return exec.inspect()
}

/** The engine may end the output before it knows the exit code; then the event that tells of the end is waited for. */
async function exitCodeOf(exec: Exec, events: EngineEvents): Promise<number> {
  for (;;) {
    const ended = Promise.withResolvers<undefined>()
    using _ = events.onExecEnd(execId => {
      if (execId === undefined || execId === exec.id) ended.resolve(undefined)
    })
    const { Running, ExitCode } = await orFault('RuntimeUnavailable', exec.inspect())
    if (!Running && ExitCode !== null) return ExitCode
    await ended.promise
  }
}
