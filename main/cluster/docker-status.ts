import type { HostStatus } from '../../shared/contract/host.ts'
import type { Runtime } from '../kubelet/runtime.ts'

type DockerStatus = HostStatus['docker']

/** Keeps what the window says of the engine behind the pods current: asked once, then told by the runtime's events. */
export function watchDocker(runtime: Runtime, changed: () => void): { current(): DockerStatus } & Disposable {
  let status: DockerStatus = { state: 'starting', version: '', message: '' }
  const set = (next: DockerStatus) => {
    status = next
    changed()
  }
  async function ask() {
    try {
      const { runtimeVersion } = await runtime.info()
      set({ state: 'ready', version: runtimeVersion, message: '' })
    } catch (error) {
      set({ state: 'unreachable', version: '', message: error instanceof Error ? error.message : String(error) })
    }
  }
  const events = runtime.subscribe(event => {
    if (event.type === 'resync') void ask()
    else if (event.type === 'unreachable') set({ state: 'unreachable', version: '', message: event.message })
  })
  void ask()
  return { current: () => status, [Symbol.dispose]: () => events[Symbol.dispose]() }
}
