import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { podbay, startEngine, type Engine } from '../helpers/engine.ts'

const go = process.env['GO']

describe.skipIf(go === undefined)('client-go', () => {
  const name = `client-go-${process.pid}`
  let directory: string
  let engine: Engine

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'podbay-client-go-'))
    engine = await startEngine({ name, dataDir: join(directory, 'data'), flags: ['--runtime', 'simulated'] })
  })
  afterAll(async () => {
    await engine.end('SIGTERM')
    podbay('delete', '--name', name, '--data-dir', join(directory, 'data'))
    rmSync(directory, { recursive: true, force: true })
  })

  it('finds typed and dynamic clients, informers, pages, apply and leader election as it knows them', async () => {
    const env = { ...process.env, KUBECONFIG: engine.kubeconfig }
    const child = spawn(go ?? '', ['test', '-count=1', './...'], { cwd: join(import.meta.dirname, 'client-go'), env })
    const closed = new Promise<number | null>(resolve => child.once('close', resolve))
    const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), closed])
    expect(code, stdout + stderr).toBe(0)
  })
})
