/** A priority queue: `pop` gives the item that comes before all others. */
export interface Heap<T> {
  readonly size: number
  push(item: T): void
  peek(): T | undefined
  pop(): T | undefined
}

/** An empty binary heap. */
export function createHeap<T>(comesBefore: (a: T, b: T) => boolean): Heap<T> {
  const items: T[] = []

  function rise(item: T, at: number) {
    let hole = at
    while (hole > 0) {
      const parent = (hole - 1) >> 1
      const above = items[parent]
      if (above === undefined || !comesBefore(item, above)) break
      items[hole] = above
      hole = parent
    }
    items[hole] = item
  }

  function sink(item: T) {
    let hole = 0
    for (;;) {
      let child = 2 * hole + 1
      let below = items[child]
      const right = items[child + 1]
      if (below === undefined) break
      if (right !== undefined && comesBefore(right, below)) {
        below = right
        child++
      }
      if (!comesBefore(below, item)) break
      items[hole] = below
      hole = child
    }
    items[hole] = item
  }

  return {
    get size() {
      return items.length
    },
    push(item) {
      items.push(item)
      rise(item, items.length - 1)
    },
    peek: () => items[0],
    pop() {
      const first = items[0]
      const last = items.pop()
      if (items.length > 0 && last !== undefined) sink(last)
      return first
    },
  }
}
