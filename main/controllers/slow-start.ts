import { toError } from './to-error.ts'

/**
 * Runs `task` `count` times in batches of 1, 2, 4 … and stops after the first batch with a failure: a quota that allows
 * none is found out by one request, not by five hundred (pkg/controller/replicaset slowStartBatch).
 */
export async function slowStart(count: number, task: () => Promise<void>): Promise<{ failures: Error[] }> {
  let left = count
  for (let batch = 1; left > 0; batch *= 2) {
    const size = Math.min(batch, left)
    const results = await Promise.allSettled(Array.from({ length: size }, task))
    const failures = results.flatMap(result => (result.status === 'rejected' ? [toError(result.reason)] : []))
    if (failures.length > 0) return { failures }
    left -= size
  }
  return { failures: [] }
}
