import type { Writable } from 'node:stream'

/** As long as upstream lets a request take, answer included (--request-timeout). */
const patience = 60_000

/** Cuts off a client that does not read what is left of its answer: it would be held for as long as the client likes. */
export function giveUpOn(stream: Writable, within = patience): void {
  if (stream.writableLength === 0) return
  const timer = setTimeout(() => stream.destroy(), within)
  timer.unref()
  stream.once('close', () => clearTimeout(timer))
}
