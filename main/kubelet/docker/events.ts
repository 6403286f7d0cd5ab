import type Docker from 'dockerode'
import type { Readable } from 'node:stream'
import type { Clock } from '../../../shared/machinery/clock.ts'
import type { Logger } from '../../../shared/machinery/log.ts'
import type { RuntimeEvent } from '../runtime.ts'
import { engineMessage } from './engine-errors.ts'
import { jsonLines, readable } from './engine-stream.ts'
import { labelFilter, ownerLabels, POD_UID, TYPE, type Labels, type Owner } from './labels.ts'

/** The engine's events about this node's containers, over one stream that comes back by itself. */
export interface EngineEvents extends Disposable {
  /** As Runtime.subscribe; told at once if the engine can't be reached at the moment. */
  subscribe(listener: (event: RuntimeEvent) => void): Disposable
  /** Calls `listener` whenever a command started by exec may have ended; undefined means any of them. */
  onExecEnd(listener: (execId: string | undefined) => void): Disposable
}

interface EngineEvent {
  Action: string
  Actor: { ID: string; Attributes: Labels }
}

const types: Record<string, 'started' | 'died' | 'oom'> = { start: 'started', die: 'died', oom: 'oom' }
const firstDelay = 1_000
const longestDelay = 30_000
/** An engine that accepts connections and says nothing must not hold up the cluster. */
const patience = 1_000

/** Resolves after the first attempt to connect, whatever its outcome, or after a second; attempts go on by themselves. */
export async function createEngineEvents(options: {
  docker: Docker
  owner: Owner
  clock: Clock
  log: Logger
}): Promise<EngineEvents> {
  const { docker, owner, clock, log } = options
  const listeners = new Set<(event: RuntimeEvent) => void>()
  const execListeners = new Set<(execId: string | undefined) => void>()
  let stream: Readable | undefined
  let retry: Disposable | undefined
  let delay = firstDelay
  let down: string | undefined
  let disposed = false

  const tell = (event: RuntimeEvent) => {
    for (const listener of [...listeners]) listener(event)
  }
  const execEnded = (execId: string | undefined) => {
    for (const listener of [...execListeners]) listener(execId)
  }

  function take({ Action, Actor }: EngineEvent) {
    const action = Action.split(':', 1)[0] ?? ''
    if (action === 'exec_die') execEnded(Actor.Attributes['execID'])
    const type = types[action]
    // The node agent is this node's too, but no pod's; that a sandbox starts is news to nobody.
    const of = Actor.Attributes[TYPE]
    if (type && (of === 'container' || (of === 'podsandbox' && type !== 'started')))
      tell({ type, containerId: Actor.ID, podUid: Actor.Attributes[POD_UID] ?? '' })
  }

  async function read(source: Readable) {
    let why = 'the Docker Engine closed the connection'
    try {
      for await (const event of jsonLines<EngineEvent>(source)) take(event)
    } catch (error) {
      why = engineMessage(error)
    }
    lost(why)
  }

  function lost(why: string) {
    stream = undefined
    if (disposed) return
    log.info('Docker Engine is unreachable', { error: why, retryAfterMs: delay })
    down = why
    tell({ type: 'unreachable', message: why })
    execEnded(undefined)
    retry = clock.setTimeout(() => void connect(), delay)
    delay = Math.min(delay * 2, longestDelay)
  }

  async function connect() {
    try {
      const filters = {
        type: ['container' as const],
        event: ['start', 'die', 'oom', 'exec_die'],
        label: labelFilter(ownerLabels(owner)),
      }
      const source = readable(await docker.getEvents({ filters }))
      if (disposed) return void source.destroy()
      stream = source
    } catch (error) {
      lost(engineMessage(error))
      return
    }
    delay = firstDelay
    down = undefined
    tell({ type: 'resync' })
    execEnded(undefined)
    void read(stream)
  }

  const waited = Promise.withResolvers<undefined>()
  using _ = clock.setTimeout(() => waited.resolve(undefined), patience)
  await Promise.race([connect(), waited.promise])
  return {
    subscribe(listener) {
      listeners.add(listener)
      if (down !== undefined) listener({ type: 'unreachable', message: down })
      return { [Symbol.dispose]: () => void listeners.delete(listener) }
    },
    onExecEnd(listener) {
      execListeners.add(listener)
      return { [Symbol.dispose]: () => void execListeners.delete(listener) }
    },
    [Symbol.dispose]() {
      disposed = true
      retry?.[Symbol.dispose]()
      stream?.destroy()
    },
  }
}
