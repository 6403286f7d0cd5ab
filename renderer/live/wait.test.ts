// @vitest-environment node
// Node counts the listeners of its own signals, not of the DOM's of the tests.
import { getEventListeners } from 'node:events'
import { expect, it } from 'vitest'
import { wait } from './wait.ts'

it('leaves no listener behind, and ends with its signal', async () => {
  const stop = new AbortController()
  const { signal } = stop
  await wait(0, signal)
  expect(getEventListeners(signal, 'abort')).toHaveLength(0)
  const long = wait(60_000, signal)
  stop.abort()
  await long
  await wait(60_000, signal)
  expect(getEventListeners(signal, 'abort')).toHaveLength(0)
})
