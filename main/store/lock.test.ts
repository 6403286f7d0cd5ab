import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { acquireLock } from './lock.ts'
import { temporaryDirectory } from './store.fixture.ts'

test('a directory that is taken is refused by name and pid, and free again afterwards', () => {
  using directory = temporaryDirectory()
  {
    using _lock = acquireLock(directory.path)
    expect(() => acquireLock(directory.path)).toThrow(
      `${directory.path} is in use by another engine (pid ${process.pid})`,
    )
  }
  acquireLock(directory.path)[Symbol.dispose]()
  expect(existsSync(join(directory.path, 'lock'))).toBe(false)
})

test('the lock of a process that is gone is taken over', async () => {
  using directory = temporaryDirectory()
  const file = join(directory.path, 'lock')
  const script = `import { acquireLock } from '${new URL('./lock.ts', import.meta.url).href}'
    acquireLock(${JSON.stringify(directory.path)}); console.log('locked'); setInterval(() => {}, 1e6)`
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(child.stdout, 'data')
  expect(() => acquireLock(directory.path)).toThrow(`pid ${child.pid}`)
  child.kill('SIGKILL')
  await once(child, 'exit')

  using _lock = acquireLock(directory.path)
  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ pid: process.pid })
})

test.each([
  ['a lock whose pid now belongs to another process', JSON.stringify({ pid: process.pid, started: '1' })],
  ['a lock that a crash left empty', ''],
])('%s is taken over', (_what, content) => {
  using directory = temporaryDirectory()
  writeFileSync(join(directory.path, 'lock'), content)
  using _lock = acquireLock(directory.path)
  expect(JSON.parse(readFileSync(join(directory.path, 'lock'), 'utf8'))).toMatchObject({ pid: process.pid })
})
