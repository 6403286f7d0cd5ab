import type { ObjectKey } from '../api/object.ts'
import { isConflict, isNotFound, StatusError } from '../machinery/status.ts'
import type { Controller, ControllerContext } from './controller.ts'
import { createRecorder } from './create-recorder.ts'
import { followWatches } from './follow-watches.ts'
import { keyText, parseKey } from './key.ts'
import { createWorkqueue, type Outcome } from './workqueue.ts'

/** What every controller of one process shares; the recorder and the signal are each controller's own. */
export type ControllerDependencies = Omit<ControllerContext, 'recorder' | 'signal'>

/**
 * Runs a controller: waits for the first lists of what it watches, then reconciles the keys that changes name. Disposing
 * aborts the signal and waits for the reconciles under way. Its Events name `controller.name` as their source.
 */
export function runController(controller: Controller, dependencies: ControllerDependencies): AsyncDisposable {
  const stop = new AbortController()
  const log = dependencies.log.with({ controller: controller.name })
  const recorder = createRecorder({ ...dependencies, log, component: controller.name })
  const context: ControllerContext = { ...dependencies, log, recorder, signal: stop.signal }
  const queue = createWorkqueue({ clock: context.clock, workers: controller.workers ?? 5, process })

  const isAborted = () => stop.signal.aborted // a call: the answer may change during an await

  async function process(text: string): Promise<Outcome> {
    if (isAborted()) return 'done'
    try {
      const result = (await controller.reconcile(parseKey(text), context)) ?? {}
      return result.requeueAfter === undefined ? 'done' : { requeueAfter: result.requeueAfter }
    } catch (error) {
      if (isAborted()) return 'done'
      if (isStaleRead(error, parseKey(text))) log.debug('Reconciling again after a stale read', { key: text, error })
      else log.error('Reconcile failed', { key: text, error })
      return 'failed'
    }
  }

  const following = followWatches(controller.watches, {
    ...dependencies,
    changed(watch, change) {
      for (const key of watch.keys(change, context.informers)) queue.add(keyText(key))
    },
  })

  return {
    async [Symbol.asyncDispose]() {
      stop.abort()
      following[Symbol.dispose]()
      await queue[Symbol.asyncDispose]()
      await recorder[Symbol.asyncDispose]()
    },
  }
}

/** The informer has not seen yet that the object has changed or gone: the next attempt will. */
function isStaleRead(error: unknown, { name }: ObjectKey): boolean {
  const isGone = error instanceof StatusError && isNotFound(error) && error.status.details?.name === name
  return isConflict(error) || isGone
}
