import type Docker from 'dockerode'
import type { ContainerInspectInfo } from 'dockerode'
import type { Duplex } from 'node:stream'
import type { LogOptions } from '../../../shared/machinery/streams.ts'
import { RuntimeFault } from '../runtime.ts'
import type { NodeAgent } from './agent/agent.ts'
import { engineProcess } from './agent/host-root.ts'
import { tailCommand, wholeLog, type LogFile } from './agent/log-tail.ts'
import { quote } from './agent/quote.ts'
import { demultiplex } from './demultiplex.ts'
import { breakOff } from './engine-stream.ts'
import { createLogDecoder } from './log-decoder.ts'

interface Dependencies {
  docker: Docker
  agent: NodeAgent
}

/** About what the engine's API sends in the time that a command of the agent needs to start. */
const [fewLines, fewKilobytes] = [5000, 1024]

/**
 * Reads a log from the engine's own files: two to three times as fast as by its API, and without loss, where some versions of
 * the engine leave the rest of a file unread that is rotated while it is followed. Resolves to undefined if the agent
 * can't read them, or if there is too little in them to be worth it.
 */
export async function openLogFile(
  { docker, agent }: Dependencies,
  info: ContainerInspectInfo,
  options: LogOptions,
): Promise<AsyncIterable<Uint8Array> | undefined> {
  const file = logFileOf(info)
  if (!file) return undefined
  try {
    if (!options.follow && !(await isLarge(agent, file, options))) return undefined
    const stream = await agent.stream(tailCommand(file, options))
    stream.on('error', () => undefined) // reading fails by itself
    breakOff(stream, options.signal)
    const lines = linesOf(stream)
    if ((await lines.next()).done) return undefined
    if (options.follow) void endWith(docker.getContainer(info.Id), stream)
    return decoded(lines, options)
  } catch {
    // Why does not matter: the engine's API is asked next, and tells what is wrong with the engine.
    return undefined
  }
}

/** Undefined for log drivers that write no files, or others. */
function logFileOf({ LogPath: path, HostConfig }: ContainerInspectInfo): LogFile | undefined {
  const { Type, Config } = (HostConfig.LogConfig ?? {}) as { Type?: string; Config?: Partial<Record<string, string>> }
  if (Type !== 'json-file' || path === '' || Config?.['compress'] === 'true') return undefined
  return { path, files: Number(Config?.['max-file'] ?? 1) }
}

async function isLarge(agent: NodeAgent, { path }: LogFile, { tailLines = Infinity }: LogOptions): Promise<boolean> {
  if (tailLines <= fewLines) return false
  const found = `"/proc/${engineProcess}/root"${quote(path)}`
  const { output } = await agent.run(`find ${found} ${found}.1 -size +${fewKilobytes}k 2>/dev/null`)
  return output.length > 0
}

/** What the command writes, the first piece of which is an empty line; throws at the end if that is not the end of the log. */
async function* linesOf(stream: Duplex): AsyncGenerator<Uint8Array> {
  let said = ''
  let begun = false
  try {
    for await (const { stream: from, data } of demultiplex(stream)) {
      if (from === 'stderr') said += Buffer.from(data).toString()
      else if (begun) yield data
      else {
        begun = true
        yield data.subarray(0, 1)
        yield data.subarray(1)
      }
    }
  } finally {
    stream.destroy()
  }
  if (said !== wholeLog) throw new RuntimeFault('RuntimeUnavailable', `The log broke off: ${said}`)
}

async function* decoded(lines: AsyncIterable<Uint8Array>, options: LogOptions): AsyncGenerator<Uint8Array> {
  const decode = createLogDecoder(options)
  for await (const piece of lines) yield decode(piece)
}

/**
 * Tells the command when the container has ended: by then the engine has written all of its output. With the end of its
 * input the engine also lets go of a command whose agent died.
 */
async function endWith(container: Docker.Container, stream: Duplex): Promise<void> {
  const over = new AbortController()
  stream.once('close', () => over.abort())
  await (container.wait({ abortSignal: over.signal }) as Promise<unknown>).catch(() => undefined)
  if (!stream.destroyed) stream.end('.')
}
