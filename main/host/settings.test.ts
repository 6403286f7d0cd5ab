import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { silent } from '../../shared/machinery/log.ts'
import { createSettings } from './settings.ts'

let directory: string
beforeEach(async () => (directory = await mkdtemp(join(tmpdir(), 'settings-'))))
afterEach(() => rm(directory, { recursive: true }))

it('keeps what was saved last, readable by its owner alone', async () => {
  const file = join(directory, 'window', 'settings.json')
  const settings = createSettings(file, silent)
  expect(await settings.load()).toEqual({})
  await Promise.all([settings.save({ theme: 'dark' }), settings.save({ theme: 'light' })])
  expect(await createSettings(file, silent).load()).toEqual({ theme: 'light' })
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  expect(await readdir(join(directory, 'window'))).toEqual(['settings.json'])
})

it('starts over from a file that is damaged', async () => {
  const file = join(directory, 'settings.json')
  for (const text of ['{', '[]', 'null', '']) {
    await writeFile(file, text)
    expect(await createSettings(file, silent).load()).toEqual({})
  }
})

it('refuses what is no object or too large', async () => {
  const settings = createSettings(join(directory, 'settings.json'), silent)
  for (const wrong of [null, [], 'x', 1]) await expect(settings.save(wrong)).rejects.toMatchObject({ code: 400 })
  await expect(settings.save({ x: 'x'.repeat(1 << 20) })).rejects.toMatchObject({ code: 413 })
})

it('says when it could not save, and saves the next time', async () => {
  const file = join(directory, 'taken', 'settings.json')
  await writeFile(join(directory, 'taken'), 'a file where a directory should be')
  const settings = createSettings(file, silent)
  await expect(settings.save({ a: 1 })).rejects.toThrow()
  await rm(join(directory, 'taken'))
  await settings.save({ a: 2 })
  expect(await settings.load()).toEqual({ a: 2 })
})
