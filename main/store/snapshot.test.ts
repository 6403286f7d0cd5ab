import Database from 'better-sqlite3'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { configMap, keyOf, openStore, prefix, temporaryDirectory } from './store.fixture.ts'

test('a snapshot taken among writes opens as a store with all that was acknowledged before', async () => {
  using directory = temporaryDirectory()
  using elsewhere = temporaryDirectory()
  await using store = await openStore(directory.path)
  await Promise.all(
    Array.from({ length: 2000 }, (_, i) => store.create(keyOf(`a-${i}`), configMap(`a-${i}`, 'x'.repeat(500)))),
  )
  await store.create(keyOf('lease'), configMap('lease'), { volatile: true })
  const taken = store.snapshot(join(elsewhere.path, 'store.db'))
  await Promise.all(Array.from({ length: 100 }, (_, i) => store.create(keyOf(`b-${i}`), configMap(`b-${i}`))))
  await taken

  await using copy = await openStore(elsewhere.path)
  const original = new Map((await store.list(prefix)).entries.map(({ key, bytes }) => [key, bytes.toString()]))
  const { entries } = await copy.list(prefix)
  expect(entries.length).toBeGreaterThanOrEqual(2001)
  expect(entries.map(({ key, bytes }) => [key, bytes.toString()])).toEqual(
    entries.map(({ key }) => [key, original.get(key)]),
  )
  expect(copy.get(keyOf('lease'))).toBeDefined()
})

test('a database of a newer version is refused and left as it is', async () => {
  using directory = temporaryDirectory()
  const file = join(directory.path, 'store.db')
  await (await openStore(directory.path))[Symbol.asyncDispose]()
  const db = new Database(file)
  db.pragma('user_version = 2')
  db.close()

  await expect(openStore(directory.path)).rejects.toThrow('it has schema 2, this one knows 1')
  expect(existsSync(join(directory.path, 'lock'))).toBe(false)
  const again = new Database(file)
  expect(again.pragma('user_version', { simple: true })).toBe(2)
  again.close()
})
