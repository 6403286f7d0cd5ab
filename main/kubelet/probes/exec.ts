import { abortable } from '../abortable.ts'
import { goDuration } from '../go-duration.ts'
import type { Runtime } from '../runtime.ts'
import type { ProbeResult } from './probe-result.ts'

/** Upstream keeps this much of a probe's output (pkg/probe/exec, maxReadLength). */
const maxOutput = 10 * 1024

interface Command {
  command: string[]
  signal: AbortSignal
}

/** Runs a command to its end and returns the beginning of what it wrote, errors last. Rejects when the signal aborts first. */
export async function execCommand(runtime: Runtime, containerId: string, { command, signal }: Command) {
  await using session = await runtime.exec(containerId, {
    command,
    stdin: false,
    stdout: true,
    stderr: true,
    tty: false,
  })
  const run = async () => {
    const chunks: Uint8Array[] = []
    const errors: Uint8Array[] = []
    let size = 0
    for await (const { stream, data } of session.output) {
      if (size < maxOutput) (stream === 'stderr' ? errors : chunks).push(data)
      size += data.length
    }
    const text = (parts: Uint8Array[]) => Buffer.concat(parts).subarray(0, maxOutput).toString()
    return { exitCode: await session.exitCode, output: text([...chunks, ...errors]), stderr: text(errors) }
  }
  return await abortable(run(), signal)
}

/** An exec probe (pkg/probe/exec): exit code 0 is success, any other and a timeout are failures. */
export async function execProbe(
  runtime: Runtime,
  containerId: string,
  { command, signal, timeoutSeconds }: Command & { timeoutSeconds: number },
): Promise<ProbeResult> {
  try {
    const { exitCode, output } = await execCommand(runtime, containerId, { command, signal })
    return { outcome: exitCode === 0 ? 'success' : 'failure', output }
  } catch (e) {
    if (signal.aborted) {
      return {
        outcome: 'failure',
        output: `command timed out: "${command.join(' ')}" timed out after ${goDuration(timeoutSeconds * 1000)}`,
      }
    }
    return { outcome: 'unknown', output: e instanceof Error ? e.message : String(e) }
  }
}
