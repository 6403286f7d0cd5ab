import { expect, test } from 'vitest'
import type { WatchFrame } from '../request.ts'
import { createWatchFeed } from './watch-feed.ts'

const frame = (size = 1): WatchFrame => ({
  event: () => ({ type: 'ADDED', object: {} }) as never,
  line: () => Buffer.alloc(size),
  size,
})

/** A client that takes what is written only when it is told to. */
function stalled() {
  const written: WatchFrame[] = []
  let drain = () => {}
  let ended = false
  return {
    written,
    drain: () => drain(),
    ended: () => ended,
    write(frames: readonly WatchFrame[]) {
      written.push(...frames)
      return false
    },
    drained: (listener: () => void) => void (drain = listener),
    end: () => void (ended = true),
  }
}

test('a client that is too far behind is let go, and what waited for it is forgotten', async () => {
  const sink = stalled()
  const feed = createWatchFeed(sink)
  expect(feed.offer(frame())).toBe(true)
  await Promise.resolve()
  let held = 0
  while (feed.offer(frame())) held++
  expect([held, sink.written.length, sink.ended()]).toEqual([10_000, 1, true])
  sink.drain()
  expect(sink.written).toHaveLength(1)
})

test('what waits for a client is limited in bytes, too', async () => {
  const sink = stalled()
  const feed = createWatchFeed(sink)
  feed.begin([frame(1 << 30)])
  await Promise.resolve()
  let held = 0
  while (feed.offer(frame(1 << 20))) held++
  expect([held, sink.ended()]).toEqual([16, true])
})

test('a client that catches up in time gets everything, in order', async () => {
  const sink = stalled()
  const feed = createWatchFeed(sink)
  const frames = Array.from({ length: 500 }, () => frame())
  feed.begin(frames.slice(0, 300))
  for (const each of frames.slice(300)) feed.offer(each)
  feed.finish()
  await Promise.resolve()
  while (!sink.ended()) sink.drain()
  expect(sink.written).toEqual(frames)
})
