import type { Readable, Writable } from 'node:stream'
import type { Status } from '../../../shared/api/object.ts'
import type { ExecSession } from '../../../shared/machinery/streams.ts'
import { isObject } from '../../../shared/machinery/json-value.ts'
import type { CommandStreams } from './command-streams.ts'

/**
 * Connects a client's streams with a command's until the command has ended, and returns the outcome. The client going
 * away ends the session, and with it the output. Rejects with what keeps the command from running.
 */
export async function runCommand(streams: CommandStreams, open: () => Promise<ExecSession>): Promise<Status> {
  await using session = await open()
  const end = () => void session[Symbol.asyncDispose]()
  if (streams.gone.aborted) end()
  streams.gone.addEventListener('abort', end, { once: true })
  if (streams.stdin) void feed(streams.stdin, session)
  if (streams.resize) void follow(streams.resize, session)
  try {
    for await (const { stream, data } of session.output) {
      const to = streams.output[stream]
      if (to && data.length > 0) await written(to, data)
    }
    return exitStatus(await session.exitCode)
  } catch (error) {
    // What ends because the client is gone ends well: nobody is left to be told.
    if (streams.gone.aborted) return exitStatus(0)
    throw error
  }
}

/** A command that has closed its input wants no more of it, and one whose client is gone is ended anyway. */
async function feed(stdin: Readable, session: ExecSession): Promise<void> {
  try {
    const given = stdin.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>
    for await (const data of given) await session.write(data)
    session.closeStdin()
  } catch {
    // What follows is read and lost, so that the client can go on with its other streams.
    stdin.resume()
  }
}

async function follow(resize: Readable, session: ExecSession): Promise<void> {
  try {
    for await (const text of values(resize)) {
      const size = sizeOf(text)
      // A size that comes too late has no terminal left.
      if (size) await session.resize(size).catch(() => undefined)
    }
  } catch {
    // The client is gone.
  }
}

/** The texts of JSON objects that have no others in them, however they are cut. */
async function* values(source: Readable): AsyncGenerator<string> {
  let text = ''
  for await (const chunk of source as AsyncIterable<Buffer>) {
    text += chunk.toString('utf8')
    for (let end = text.indexOf('}'); end >= 0; end = text.indexOf('}')) {
      yield text.slice(0, end + 1)
      text = text.slice(end + 1)
    }
    if (text.length > 1024) return
  }
}

/** Resolves when the data have left the process. A client that is gone gets nothing. */
function written(to: Writable, data: Uint8Array): Promise<void> {
  return new Promise(resolve => {
    if (to.destroyed) resolve()
    else to.write(data, () => resolve())
  })
}

/** `{"Width":80,"Height":24}` */
function sizeOf(text: string): { width: number; height: number } | undefined {
  try {
    const size: unknown = JSON.parse(text)
    if (!isObject(size)) return undefined
    const { Width: width, Height: height } = size
    return typeof width === 'number' && typeof height === 'number' ? { width, height } : undefined
  } catch {
    return undefined
  }
}

/** Success, or the exit code as kubectl and client-go expect it (client-go/tools/remotecommand, v4 protocol). */
function exitStatus(code: number): Status {
  if (code === 0) return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success' }
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: `command terminated with non-zero exit code: exit status ${code}`,
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: String(code) }] },
  }
}
