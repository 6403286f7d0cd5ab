import { expect, it } from 'vitest'
import { createFakeClock } from '../../test/helpers/fake-clock.ts'
import { createStatusFeed, type ClusterStatus } from './status-feed.ts'

const running: ClusterStatus = {
  cluster: 'podbay',
  version: 'v1.36.0',
  state: 'running',
  message: '',
  server: 'https://127.0.0.1:6443',
  kubeconfig: '/data/kubeconfig',
  runtime: 'docker',
  docker: { state: 'ready', version: '29.1', message: '' },
}

function start() {
  const clock = createFakeClock()
  const listeners = new Set<() => void>()
  let status = running
  let cpu = 0
  const feed = createStatusFeed({
    clock,
    source: {
      current: () => status,
      subscribe(listener) {
        listeners.add(listener)
        return { [Symbol.dispose]: () => listeners.delete(listener) }
      },
    },
    meter: { pid: 7, cpuUsage: () => ({ user: cpu, system: 0 }), memory: () => 1000 },
  })
  return {
    feed,
    clock,
    listeners,
    change: (next: ClusterStatus) => {
      status = next
      for (const listener of listeners) listener()
    },
    work: (micros: number) => (cpu += micros),
  }
}

it('gives the status at once and at each change, the newest to a slow reader', async () => {
  const { feed, change } = start()
  const reading = feed.watch()[Symbol.asyncIterator]()
  expect((await reading.next()).value).toMatchObject({ state: 'running', process: { pid: 7, memory: 1000 } })
  change({ ...running, state: 'stopping' })
  change({ ...running, state: 'failed', message: 'disk full' })
  expect((await reading.next()).value).toMatchObject({ state: 'failed', message: 'disk full' })
  await reading.return?.()
})

it('measures every ten seconds while somebody watches, and never else', async () => {
  const { feed, clock, work, listeners } = start()
  expect(clock.pending).toBe(0)
  const [one, two] = [feed.watch()[Symbol.asyncIterator](), feed.watch()[Symbol.asyncIterator]()]
  await one.next()
  await two.next()
  expect(clock.pending).toBe(1)
  work(500_000)
  const next = one.next()
  await clock.advance(10_000)
  expect((await next).value).toMatchObject({ process: { cpu: 0.05 } })
  await one.return?.()
  expect(clock.pending).toBe(1)
  await two.return?.()
  expect([clock.pending, listeners.size]).toEqual([0, 0])
})

it('ends a reader that waits', async () => {
  const { feed, listeners } = start()
  const reading = feed.watch()[Symbol.asyncIterator]()
  await reading.next()
  const waiting = reading.next()
  await reading.return?.()
  expect(await waiting).toMatchObject({ done: true })
  expect(listeners.size).toBe(0)
})
