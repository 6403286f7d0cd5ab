import { setTimeout as wait } from 'node:timers/promises'

/**
 * Repeats `check` until it passes and returns what it returned; after `limit` ms fails with its last error. For what
 * happens in another process, where there is no event to wait for.
 */
export async function eventually<T>(check: () => T | Promise<T>, limit = 60_000): Promise<T> {
  const end = Date.now() + limit
  for (;;) {
    try {
      return await check()
    } catch (error) {
      if (Date.now() > end) throw error
      await wait(100)
    }
  }
}
