import { customResourceDefinitions, type CustomResourceDefinition } from '../../../shared/api/apiextensions.ts'
import type { Client } from '../../../shared/client/client.ts'
import { isConflict, isNotFound } from '../../../shared/machinery/status.ts'
import type { Core } from '../registry/core.ts'
import { acceptNames } from './accept-names.ts'
import { cleanUp, isToBeCleanedUp } from './clean-up.ts'
import type { Definitions } from './definitions.ts'

/** Until a deletion that failed is tried again. */
const retryAfter = 5000

interface Options {
  core: Core
  client: Client
  definitions: () => Definitions
}

/** Brings definitions to life and to their end, as the API server does it itself (apiextensions-apiserver's controllers). */
export interface Establishing extends Disposable {
  /** To be called after each change of a definition; `gone` is one that is no more. */
  changed(name: string, gone: CustomResourceDefinition | undefined): void
}

export function createEstablishing({ core, client, definitions }: Options): Establishing {
  const { clock, log } = core
  const waiting = new Set<string>()
  const cleaning = new Set<string>()
  const timers = new Set<Disposable>()
  let running = false
  let disposed = false

  /** One definition after the other, so that no two get one name. */
  const run = async () => {
    if (running) return
    running = true
    for (const name of waiting) {
      waiting.delete(name)
      if (disposed) break
      try {
        await settle(name)
      } catch (error) {
        // Changed or gone meanwhile: the event of that brings it here again.
        if (!isConflict(error) && !isNotFound(error)) log.error('Definition can not be established', { name, error })
      }
    }
    running = false
  }
  const enqueue = (name: string) => {
    waiting.add(name)
    queueMicrotask(() => void run())
  }
  const settle = async (name: string) => {
    const crd = definitions().get(name)?.crd
    if (!crd) return
    if (isToBeCleanedUp(crd)) {
      void clean(name)
      return
    }
    const group = definitions().ofGroup(crd.spec.group)
    const status = acceptNames(crd, group, clock.now())
    if (!status) return
    await client.update(customResourceDefinitions, { ...crd, status }, 'status')
    // A name may have become free.
    for (const other of group) if (other.metadata.name !== name) enqueue(other.metadata.name)
  }
  const clean = async (name: string) => {
    if (cleaning.has(name)) return
    cleaning.add(name)
    try {
      for (let known; (known = definitions().get(name)) && isToBeCleanedUp(known.crd) && !disposed;) {
        await cleanUp(known.crd, { core, client, storage: known.resources?.storage }).catch((error: unknown) => {
          if (!isConflict(error)) throw error
        })
      }
    } catch (error) {
      if (!isNotFound(error) && !disposed) {
        log.error('Objects of a definition can not be deleted', { name, error })
        const timer = clock.setTimeout(() => {
          timers.delete(timer)
          enqueue(name)
        }, retryAfter)
        timers.add(timer)
      }
    } finally {
      cleaning.delete(name)
    }
  }
  return {
    changed(name, gone) {
      if (!gone) enqueue(name)
      else for (const { metadata } of definitions().ofGroup(gone.spec.group)) enqueue(metadata.name)
    },
    [Symbol.dispose]() {
      disposed = true
      for (const timer of timers) timer[Symbol.dispose]()
    },
  }
}
