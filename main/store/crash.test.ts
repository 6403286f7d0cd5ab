import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { configMap, keyOf, openStore, temporaryDirectory } from './store.fixture.ts'

const script = fileURLToPath(new URL('./crash.fixture.ts', import.meta.url))

/** Runs a writer, kills it once it has reported `acks` acknowledgements, and answers all that it had reported by then. */
async function writeUntilKilled(
  directory: string,
  { round, acks }: { round: number; acks: number },
): Promise<string[][]> {
  const child = spawn(process.execPath, [script, directory, String(round)], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'close')
  const reported: string[][] = []
  for await (const line of createInterface({ input: child.stdout })) {
    reported.push(line.split(' '))
    if (reported.length === acks) child.kill('SIGKILL')
  }
  await ended
  return reported
}

test('kill -9 at any moment loses no acknowledged write and never takes a revision back', async () => {
  using directory = temporaryDirectory()
  const durable = new Map<string, number>()
  let newest = 0
  for (const [round, acks] of [1, 7, 100, 1000, 3001].entries()) {
    for (const [name = '', revision] of await writeUntilKilled(directory.path, { round, acks })) {
      newest = Math.max(newest, Number(revision))
      if (name !== '-') durable.set(name, Math.max(durable.get(name) ?? 0, Number(revision)))
    }
    await using store = await openStore(directory.path)
    expect(store.revision).toBeGreaterThanOrEqual(newest)
    // A write that was made but not reported any more may have gone on top.
    const lost = [...durable].filter(([name, revision]) => (store.get(keyOf(name))?.revision ?? 0) < revision)
    expect(lost).toEqual([])
    newest = (await store.create(keyOf(`after-${round}`), configMap('after'))).revision
  }
  expect(durable.size).toBeGreaterThan(100)
}, 60_000)
