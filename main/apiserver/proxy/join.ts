import type { Duplex } from 'node:stream'

/** Copies bytes between two connections both ways. When either ends, so does the other. */
export function join(a: Duplex, b: Duplex): void {
  connect(a, b)
  connect(b, a)
}

function connect(from: Duplex, to: Duplex): void {
  from.on('error', () => to.destroy())
  from.on('close', () => to.end(() => to.destroy()))
  from.pipe(to)
}
