import { existsSync, mkdtempSync } from 'node:fs'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { podbay, podbayUnread, startEngine } from '../helpers/engine.ts'
import { eventually } from '../helpers/eventually.ts'

const simulated = ['--runtime', 'simulated']

describe('an engine in a terminal', () => {
  let dataDir: string
  let at: string[]

  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'podbay-terminal-'))
    at = ['--name', 'terminal', '--data-dir', dataDir, ...simulated]
  })
  afterEach(() => {
    expect(podbay('delete', ...at)).toMatchObject({ code: 0 })
  })

  it('ends in order however often it is told to', async () => {
    const engine = await startEngine({ name: 'terminal', dataDir, flags: simulated })
    const ended = engine.end('SIGINT')
    // Ctrl C reaches the engine from the terminal and again from the script that started it.
    while (existsSync(join(dataDir, 'lock'))) {
      process.kill(engine.pid, 'SIGINT')
      await turn()
    }
    expect(await ended).toBe(0)
  })

  it('goes on when nobody reads what it prints any more', async () => {
    const engine = podbayUnread('up', '--headless', '--secure-port', '0', ...at)
    try {
      await eventually(() => expect(podbay('status', ...at).stdout).toContain(`runs: pid=${engine.pid}`))
      const ended = once(engine, 'exit')
      expect(podbay('down', ...at)).toMatchObject({ code: 0 })
      expect(await ended).toEqual([0, null])
    } finally {
      engine.kill('SIGKILL')
    }
  })
})
