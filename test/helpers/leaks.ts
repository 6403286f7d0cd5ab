import { afterEach, expect } from 'vitest'

/** Kinds of handles that keep a process alive when someone forgets to dispose of them (timers are Vitest's own, too). */
const watched = ['TCPSocketWrap', 'TCPServerWrap', 'MessagePort', 'Worker', 'FSEventWrap']
const count = () => {
  const open = process.getActiveResourcesInfo().filter(kind => watched.includes(kind))
  return new Map(watched.map(kind => [kind, open.filter(k => k === kind).length]))
}
const before = count()

afterEach(async () => {
  // Closing is asynchronous in libuv: handles go a turn or two after the promise that closed them.
  for (let turn = 0; turn < 20 && leaked().length > 0; turn++) await new Promise(resolve => setImmediate(resolve))
  expect(leaked(), 'handles left open by the test').toEqual([])
})

function leaked(): string[] {
  const now = count()
  return watched.filter(kind => (now.get(kind) ?? 0) > (before.get(kind) ?? 0))
}
