import type { KubeObject } from '../../../shared/api/object.ts'
import { jsonEqual } from '../../../shared/machinery/json-value.ts'
import type { AdmissionRequest, Rounds } from './admission.ts'

/** What one request's second round must know of the first. */
interface Memory {
  /** Those that want to be asked again if something after them changes the object. */
  asked: Set<string>
  /** Of those, the ones after which something has. */
  again: Set<string>
  /** The object as the last of them left it. */
  last: KubeObject | undefined
}

/** One round of those, by their ids, that one plugin asks about a request one after the other. */
export interface Round {
  /** Whether this one is asked: in the first round all are, in the second those after which the object was changed. */
  asks(id: string): boolean
  /** This one was asked and wants to be asked again if something after it changes the object. */
  mayAskAgain(id: string): void
  /** The request's object gets other contents; it stays the one that others know. */
  change(next: KubeObject): void
  end(): void
}

/**
 * Keeps for each request whom a mutating plugin asks a second time (`reinvocationPolicy`; reinvocationcontext.go of
 * plugin/webhook/mutating and of plugin/policy/mutating).
 */
export function createReinvocation(): (request: AdmissionRequest, rounds: Rounds) => Round {
  const memories = new WeakMap<Rounds, Memory>()
  return ({ object }, rounds) => {
    const memory = memories.get(rounds) ?? { asked: new Set(), again: new Set(), last: undefined }
    memories.set(rounds, memory)
    /** Those that were asked before have not seen it. */
    const changed = () => {
      memory.again = memory.again.union(memory.asked)
      memory.asked.clear()
    }
    if (rounds.second && !jsonEqual(memory.last, object)) changed()
    return {
      asks: id => !rounds.second || memory.again.has(id),
      mayAskAgain: id => void memory.asked.add(id),
      change(next) {
        if (!object || jsonEqual(next, object)) return
        for (const key of Object.keys(object)) Reflect.deleteProperty(object, key)
        Object.assign(object, structuredClone(next))
        changed()
        rounds.again()
      },
      end() {
        memory.last = object && structuredClone(object)
      },
    }
  }
}
