import type { ExecSession, LogOptions } from '../../../shared/machinery/streams.ts'

const line = (container: string) =>
  Buffer.from(`Nothing runs on a simulated node: container "${container}" has no process.\n`)

/** The log of a container without a process: one line that says so. */
export async function* silence(
  container: string,
  ended: Promise<void>,
  { follow, signal }: LogOptions,
): AsyncGenerator<Uint8Array> {
  yield line(container)
  if (!follow || signal.aborted) return
  await Promise.race([
    ended,
    new Promise<void>(resolve => signal.addEventListener('abort', () => resolve(), { once: true })),
  ])
}

/** A command where none can run: it says so and fails as a shell does when it can't execute something. */
export function silentSession(container: string): ExecSession {
  return {
    output: (async function* () {
      yield { stream: 'stderr' as const, data: line(container) }
    })(),
    async write() {},
    closeStdin() {},
    async resize() {},
    exitCode: Promise.resolve(126),
    async [Symbol.asyncDispose]() {},
  }
}
