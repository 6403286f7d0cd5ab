import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { readConfig } from '../config.ts'
import { remove } from './down.ts'

let directory: string
beforeEach(() => {
  vi.spyOn(console, 'log').mockReturnValue()
  directory = mkdtempSync(join(tmpdir(), 'podbay-delete-'))
})
afterEach(() => {
  vi.restoreAllMocks()
  rmSync(directory, { recursive: true })
})

function aCluster() {
  const dataDir = join(directory, 'data')
  const at = ['--data-dir', dataDir, '--kubeconfig', join(dataDir, 'kubeconfig')]
  mkdirSync(join(dataDir, 'kept-logs/node'), { recursive: true })
  const written = ['store.db', 'config.yaml', 'pulled-images.json', `pulled-images.json.${crypto.randomUUID()}`]
  for (const file of written) writeFileSync(join(dataDir, file), 'runtime: simulated\n')
  return { dataDir, config: readConfig({ argv: ['delete', '--name', 'c', ...at], env: {}, platform: 'linux' }) }
}

it('leaves nothing of a cluster behind', async () => {
  const { dataDir, config } = aCluster()
  await remove(config)
  expect(existsSync(dataDir)).toBe(false)
})

it("leaves files that are not the cluster's", async () => {
  const { dataDir, config } = aCluster()
  writeFileSync(join(dataDir, 'notes.txt'), '')
  await remove(config)
  expect(readdirSync(dataDir)).toEqual(['notes.txt'])
})
