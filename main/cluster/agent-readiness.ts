import type { NodeAgent } from '../kubelet/docker/agent/agent.ts'
import { singly } from '../kubelet/docker/singly.ts'
import { RuntimeFault, type Runtime, type RuntimeEvent } from '../kubelet/runtime.ts'
import type { Clock } from '../../shared/machinery/clock.ts'

interface Options {
  runtime: Runtime
  agent: Pick<NodeAgent, 'address' | 'limits'>
  clock: Clock
}

const retryAfter = 5_000
/** An agent that is only to be found again takes less. Until then nothing is said, so that a restart of the engine passes unnoticed. */
const patience = 2_000

/**
 * The runtime of a node that is ready only with its agent: `info` rejects with what the agent waits for (its image is
 * being built, say), so the node's Ready condition tells it, and listeners are told to look again when it is there. It is
 * looked for again whenever the engine comes back: an agent that had to be made anew may have another address.
 */
export function awaitAgent({ runtime, agent, clock }: Options) {
  const listeners = new Set<(event: RuntimeEvent) => void>()
  let address = ''
  let limits: Awaited<ReturnType<NodeAgent['limits']>> | undefined
  let waiting = 'the node agent is starting'
  let retry: Disposable | undefined
  let stopped = false
  const known = Promise.withResolvers<undefined>()
  const hurry = clock.setTimeout(() => known.resolve(undefined), patience)

  const tell = (event: RuntimeEvent) => {
    for (const listener of listeners) listener(event)
  }
  const prepare = singly(async () => {
    const before = { address, waiting }
    try {
      await runtime.info()
      address = await agent.address()
      limits = await agent.limits()
      waiting = ''
      if (before.waiting || before.address !== address) tell({ type: 'resync' })
    } catch (error) {
      waiting = error instanceof Error ? error.message : String(error)
      if (!before.waiting) tell({ type: 'unreachable', message: waiting })
      retry?.[Symbol.dispose]()
      if (!stopped) retry = clock.setTimeout(() => void prepare(), retryAfter)
    } finally {
      known.resolve(undefined)
    }
  })
  const events = runtime.subscribe(event => {
    if (event.type === 'resync') void prepare()
  })
  void prepare()

  return {
    runtime: {
      ...runtime,
      async info() {
        const info = await runtime.info()
        await known.promise
        if (waiting) throw new RuntimeFault('RuntimeUnavailable', waiting)
        return { ...info, ...limits }
      },
      subscribe(listener) {
        const subscription = runtime.subscribe(listener)
        listeners.add(listener)
        return {
          [Symbol.dispose]() {
            listeners.delete(listener)
            subscription[Symbol.dispose]()
          },
        }
      },
    } satisfies Runtime,
    /** The node's address; '' until the agent is there. */
    address: () => address,
    /** The agent is gone: the node waits for another one. */
    lost() {
      waiting = 'the node agent is starting'
      void prepare()
    },
    /** What the agent does now, for the Ready condition. */
    progress(line: string) {
      if (waiting) waiting = line
      known.resolve(undefined)
    },
    [Symbol.dispose]() {
      stopped = true
      known.resolve(undefined)
      hurry[Symbol.dispose]()
      events[Symbol.dispose]()
      retry?.[Symbol.dispose]()
    },
  }
}
