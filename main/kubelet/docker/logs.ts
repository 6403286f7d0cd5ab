import type Docker from 'dockerode'
import type { ContainerInspectInfo } from 'dockerode'
import type { LogOptions } from '../../../shared/machinery/streams.ts'
import type { NodeAgent } from './agent/agent.ts'
import { orFault } from './engine-errors.ts'
import { breakOff, streamFrom } from './engine-stream.ts'
import { openLogFile } from './log-file.ts'
import { createUnframe } from './unframe.ts'

/** A container's output as the engine kept it; see Runtime.logs. */
export async function* readLogs(
  { docker, agent }: { docker: Docker; agent: NodeAgent },
  id: string,
  options: LogOptions,
): AsyncIterable<Uint8Array> {
  const { signal, limitBytes = Infinity } = options
  const info = await orFault('RuntimeUnavailable', docker.getContainer(id).inspect())
  const log = (await openLogFile({ docker, agent }, info, options)) ?? engineLog(docker, info, options)
  let left = limitBytes
  try {
    for await (const piece of log) {
      const part = piece.subarray(0, left)
      left -= part.length
      if (part.length > 0) yield part
      if (left <= 0) return
    }
  } catch (error) {
    if (!signal.aborted) throw error
  }
}

/** By the engine's API, which knows all log drivers. */
async function* engineLog(
  docker: Docker,
  { Id, Config }: ContainerInspectInfo,
  { follow, timestamps, tailLines, since, signal }: LogOptions,
): AsyncGenerator<Uint8Array> {
  const query = {
    stdout: true,
    stderr: true,
    follow,
    timestamps,
    tail: tailLines ?? 'all',
    ...(since !== undefined && { since: (since / 1000).toFixed(3) }),
  }
  const stream = await orFault('RuntimeUnavailable', streamFrom(docker, `/containers/${Id}/logs`, query))
  breakOff(stream, signal)
  // With a terminal there are no frames.
  const unframe = Config.Tty ? (piece: Uint8Array) => piece : createUnframe()
  for await (const piece of stream as AsyncIterable<Uint8Array>) yield unframe(piece)
}
