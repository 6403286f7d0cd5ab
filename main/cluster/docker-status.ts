import type { HostStatus } from '../../shared/contract/host.ts'
import type { Runtime } from '../kubelet/runtime.ts'

type DockerStatus = HostStatus['docker']

interface Options {
  runtime: Runtime
  /** Whether there is a Docker to be started. */
  installed: boolean
  changed: () => void
}

/**
 * Keeps what the window says of the engine behind the pods current: asked once, and again whenever the runtime tells
 * that it went or came back. The answer to a question says what to do; a connection that broke does not.
 */
export function watchDocker({ runtime, installed, changed }: Options): { current(): DockerStatus } & Disposable {
  let status: DockerStatus = { state: 'starting', version: '', message: '' }
  let asked = 0

  async function answer(): Promise<DockerStatus> {
    try {
      const { runtimeVersion } = await runtime.info()
      return { state: 'ready', version: runtimeVersion, message: '' }
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      return { state: installed ? 'unreachable' : 'absent', version: '', message }
    }
  }
  async function ask() {
    const question = ++asked
    const next = await answer()
    // Overtaken: what was asked later knows better.
    if (question !== asked) return
    status = next
    changed()
  }
  const events = runtime.subscribe(({ type }) => {
    if (type === 'resync' || type === 'unreachable') void ask()
  })
  void ask()
  return { current: () => status, [Symbol.dispose]: () => events[Symbol.dispose]() }
}
