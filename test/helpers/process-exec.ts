import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { OpenExec } from '../../main/host/terminals.ts'

/** Exec as a container would do it, with processes of this machine and without a tty: output, input and exit codes are real. */
export function processExec(): { openExec: OpenExec; sizes: { width: number; height: number }[] } {
  const sizes: { width: number; height: number }[] = []
  const openExec: OpenExec = async (_, { command: [file = '', ...args] }) => {
    const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'pipe'], env: { PATH: '/usr/bin:/bin' } })
    const exited = once(child, 'close') as Promise<[number | null, string | null]>
    await once(child, 'spawn')
    // Nobody may be left to take what is written after the end.
    child.stdin.on('error', () => undefined)
    return {
      output: (async function* () {
        for await (const data of child.stdout) yield { stream: 'stdout' as const, data: data as Uint8Array }
      })(),
      write: async data => void child.stdin.write(data),
      closeStdin: () => void child.stdin.end(),
      resize: async size => void sizes.push(size),
      exitCode: exited.then(([code]) => code ?? 137),
      async [Symbol.asyncDispose]() {
        child.kill('SIGKILL')
        child.stdin.destroy()
        await exited
      },
    }
  }
  return { openExec, sizes }
}
