import type Docker from 'dockerode'
import type { LogOptions } from '../../../shared/machinery/streams.ts'
import { orFault } from './engine-errors.ts'
import { streamFrom } from './engine-stream.ts'
import { createUnframe } from './unframe.ts'

/** A container's output as the engine kept it; see Runtime.logs. */
export async function* readLogs(docker: Docker, id: string, options: LogOptions): AsyncIterable<Uint8Array> {
  const { signal, limitBytes = Infinity } = options
  const { Config } = await orFault('RuntimeUnavailable', docker.getContainer(id).inspect())
  const stream = await orFault('RuntimeUnavailable', streamFrom(docker, `/containers/${id}/logs`, queryOf(options)))
  const abort = () => stream.destroy()
  if (signal.aborted) abort()
  signal.addEventListener('abort', abort, { once: true })
  let left = limitBytes
  // With a terminal there are no frames.
  const unframe = Config.Tty ? (piece: Uint8Array) => piece : createUnframe()
  try {
    for await (const piece of stream as AsyncIterable<Uint8Array>) {
      const part = unframe(piece).subarray(0, left)
      left -= part.length
      yield part
      if (left <= 0) return
    }
  } catch (error) {
    if (!signal.aborted) throw error
  } finally {
    signal.removeEventListener('abort', abort)
    stream.destroy()
  }
}

function queryOf({ follow, timestamps, tailLines, since }: LogOptions): Record<string, unknown> {
  return {
    stdout: true,
    stderr: true,
    follow,
    timestamps,
    tail: tailLines ?? 'all',
    ...(since !== undefined && { since: (since / 1000).toFixed(3) }),
  }
}
