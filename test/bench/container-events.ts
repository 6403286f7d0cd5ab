import type Docker from 'dockerode'
import type { Readable } from 'node:stream'
import { createInterface } from 'node:readline'

interface EngineEvent {
  Action: string
  Actor: { Attributes: Record<string, string> }
  timeNano: number
}

/** The moments at which an engine started and destroyed the containers of pods. */
export interface ContainerEvents extends Disposable {
  /**
   * Resolves with the time (ms since the epoch, the engine's clock) at which `count` more have happened from now on. Starts of
   * sandboxes are not counted, their ends are.
   */
  after(action: 'start' | 'destroy', count: number): Promise<number>
}

/** Listens, instead of asking again and again, so that nothing that watches is measured. */
export async function containerEvents(docker: Docker, label: string): Promise<ContainerEvents> {
  const filters = { type: ['container' as const], event: ['start', 'destroy'], label: [label] }
  const stream = (await docker.getEvents({ filters })) as Readable
  const waiting = new Set<{ action: string; count: number; resolve: (time: number) => void }>()
  createInterface({ input: stream }).on('line', line => {
    const { Action, Actor, timeNano } = JSON.parse(line) as EngineEvent
    if (Action === 'start' && Actor.Attributes['io.kubernetes.container.name'] === 'POD') return
    for (const each of waiting) {
      if (each.action !== Action || --each.count > 0) continue
      waiting.delete(each)
      each.resolve(timeNano / 1e6)
    }
  })
  return {
    after: (action, count) => new Promise(resolve => waiting.add({ action, count, resolve })),
    [Symbol.dispose]: () => void stream.destroy(),
  }
}
