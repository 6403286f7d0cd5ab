import Database from 'better-sqlite3'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openStore, temporaryDirectory } from './store.fixture.ts'

test('a database of a newer version is refused and left as it is', async () => {
  using directory = temporaryDirectory()
  const file = join(directory.path, 'store.db')
  await (await openStore(directory.path))[Symbol.asyncDispose]()
  const db = new Database(file)
  db.pragma('user_version = 2')
  db.close()

  await expect(openStore(directory.path)).rejects.toThrow('it has schema 2, this one knows 1')
  const again = new Database(file)
  expect(again.pragma('user_version', { simple: true })).toBe(2)
  again.close()
})
