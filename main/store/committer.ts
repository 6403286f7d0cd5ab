import { parentPort, workerData } from 'node:worker_threads'
import type { Answer, Call } from './committer-thread.ts'
import { openRevisionLog, type RevisionLog } from './revision-log.ts'

// The thread's entry: one database, one call after the other. What it can do is `RevisionLog`.
const port = parentPort
if (!port) throw new Error('the committer runs as a worker thread only')
const methods = openRevisionLog(workerData as string) as Record<keyof RevisionLog, (...args: unknown[]) => unknown>

port.on('message', (call: Call) => void answer(call))

async function answer({ id, method, args }: Call): Promise<void> {
  let reply: Answer
  try {
    reply = { id, result: await methods[method](...args) }
  } catch (error) {
    reply = { id, error: error instanceof Error ? error : new Error(String(error)) }
  }
  port?.postMessage(reply)
  if (method === 'close') port?.close()
}
