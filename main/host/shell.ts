import { failure, StatusError } from '../../shared/machinery/status.ts'
import type { ExecOptions, ExecSession } from '../../shared/machinery/streams.ts'

/**
 * The first of bash and sh that runs in a container. An image that has neither (distroless) is an error that says so;
 * a container that can't run anything fails as the kubelet puts it.
 */
export async function findShell(exec: (options: ExecOptions) => Promise<ExecSession>): Promise<string[]> {
  let refused: unknown
  for (const shell of ['bash', 'sh']) {
    try {
      if ((await exitCodeOf(exec, [shell, '-c', 'exit 0'])) === 0) return [shell]
    } catch (error) {
      // Runtimes differ in how they say "not in the image": by an exit code of 126 or 127, or by refusing to start.
      refused = error
    }
  }
  if (refused instanceof StatusError && refused.code < 500) throw refused
  const message = 'there is no shell in this container (looked for bash and sh); name a command that it has'
  throw failure({ code: 400, reason: 'BadRequest', message })
}

async function exitCodeOf(exec: (options: ExecOptions) => Promise<ExecSession>, command: string[]): Promise<number> {
  await using session = await exec({ command, stdin: false, stdout: true, stderr: true, tty: false })
  for await (const _ of session.output) continue
  return await session.exitCode
}
