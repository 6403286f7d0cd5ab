import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { _electron as electron } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import type { Bridge } from '../../shared/contract/shell.ts'

const root = join(import.meta.dirname, '..', '..')

/** Electron's binary and a display, or why there is none. */
function findElectron(): { path: string } | { why: string } {
  const home = join(root, 'node_modules', 'electron')
  const hint = join(home, 'path.txt')
  if (!existsSync(hint)) return { why: 'Electron’s binary was not downloaded (node node_modules/electron/install.js)' }
  if (process.platform === 'linux' && !process.env['DISPLAY'] && !process.env['WAYLAND_DISPLAY']) {
    return { why: 'there is no display (xvfb-run gives one)' }
  }
  return { path: join(home, 'dist', readFileSync(hint, 'utf8')) }
}

const found = findElectron()
const why = 'why' in found ? found.why : ''
if (why) process.stdout.write(`skipped: the window in Electron: ${why}\n`)

describe.skipIf(why)('the window in Electron', () => {
  it('opens isolated, shows the cluster, and quits within five seconds of its engine', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'electron-'))
    const app = await electron.launch({
      executablePath: 'path' in found ? found.path : '',
      args: [root, '--name', 'electron-e2e', '--data-dir', dataDir, '--runtime', 'simulated', '--secure-port', '0'],
    })
    try {
      const page = await app.firstWindow()
      expect(new URL(page.url()).protocol).toBe('podbay:')
      await page.getByText('Running').first().waitFor()
      const seen = await page.evaluate(() => {
        const { podbay } = globalThis as unknown as { podbay: Bridge }
        return { require: typeof require, process: typeof process, shell: Object.keys(podbay.shell) }
      })
      expect(seen).toMatchObject({ require: 'undefined', process: 'undefined' })
      expect(seen.shell).toContain('openExternal')
      const preferences = await app.evaluate(({ BrowserWindow }) => {
        const contents = BrowserWindow.getAllWindows()[0]?.webContents
        return (contents as unknown as { getLastWebPreferences(): Record<string, unknown> }).getLastWebPreferences()
      })
      expect(preferences).toMatchObject({ sandbox: true, contextIsolation: true, nodeIntegration: false })
    } finally {
      await app.close()
      await rm(dataDir, { recursive: true, force: true })
    }
  })
})
