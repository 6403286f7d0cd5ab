import { setImmediate } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { abortable } from './abortable.ts'

it('rejects with the reason, and leaves no rejection of the work behind', async () => {
  const unhandled: unknown[] = []
  const note = (error: unknown) => unhandled.push(error)
  process.on('unhandledRejection', note)
  for (const before of [true, false]) {
    const work = Promise.withResolvers<never>()
    const stop = new AbortController()
    if (before) stop.abort(new Error('too late'))
    const result = abortable(work.promise, stop.signal)
    stop.abort(new Error('too late'))
    await expect(result).rejects.toThrow('too late')
    work.reject(new Error('Premature close'))
    await setImmediate()
  }
  process.off('unhandledRejection', note)
  expect(unhandled).toEqual([])
})
