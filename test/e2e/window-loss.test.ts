import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openWindow, type BrowserWindow } from '../helpers/browser.ts'
import { podbay, startEngine, type Engine } from '../helpers/engine.ts'
import { createKubectl, type Kubectl } from '../helpers/kubectl.ts'

const name = `e2e-loss-${process.pid}`
const directory = mkdtempSync(join(tmpdir(), 'podbay-e2e-loss-'))
const dataDir = join(directory, 'data')
let engine: Engine
let kubectl: Kubectl
let window: BrowserWindow

beforeAll(async () => {
  engine = await startEngine({ name, dataDir, flags: ['--runtime', 'simulated'] })
  kubectl = createKubectl(engine.kubeconfig)
  await kubectl.ok(['create', 'configmap', 'colours', '--from-literal=front=blue'])
  window = await openWindow(engine.window)
})
afterAll(async () => {
  await window[Symbol.asyncDispose]()
  await engine.end('SIGTERM')
  podbay('delete', '--name', name, '--data-dir', dataDir)
  rmSync(directory, { recursive: true, force: true })
})

it('keeps an edit that was not applied through a change of tabs and a reload', async () => {
  const { page } = window
  const details = page.getByRole('complementary', { name: /^Details/ })
  const line = (text: string) => page.locator('.monaco-editor:visible .view-line').filter({ hasText: text }).first()
  await page.getByRole('link', { name: 'Nodes' }).first().waitFor()
  await page.goto(`${new URL(page.url()).origin}/#/r/core/v1/configmaps/default/colours`)
  await details.getByRole('tab', { name: 'YAML' }).click()
  await line('front:').click()
  await page.keyboard.press('End')
  await page.keyboard.type('ish')

  await details.getByRole('tab', { name: 'Summary' }).click()
  await details.getByRole('tab', { name: 'YAML' }).click()
  await line('blueish').waitFor()
  await page.reload()
  await line('blueish').waitFor()
  await details.getByText('This is your edit from before; it is not applied.').waitFor()

  await kubectl.ok(['annotate', 'configmap', 'colours', 'owner=ops'])
  await details.getByText('Someone else changed it meanwhile.').waitFor()
  await window.picture('40-draft')
  await details.getByRole('button', { name: 'Take over their changes' }).click()
  await details.getByRole('button', { name: 'Review changes' }).press('Enter')
  await expect.poll(() => page.evaluate(() => document.activeElement?.textContent.trim())).toBe('Apply')
  await page.keyboard.press('Enter')
  await details.getByText('Nothing is changed.').waitFor()
  expect(await kubectl.ok(['get', 'configmap', 'colours', '-o', 'jsonpath={.data.front}'])).toBe('blueish')
  await page.reload()
  await line('blueish').waitFor()
  await details.getByText('Nothing is changed.').waitFor()
})

it('shows the sidebar over the view of a narrow window, and leaves it', async () => {
  const { page } = window
  await page.setViewportSize({ width: 900, height: 600 })
  const link = page.getByRole('navigation').getByRole('link', { name: 'Nodes' })
  expect(await link.count()).toBe(0)
  await page.getByRole('button', { name: 'Sidebar' }).click()
  const sidebar = page.getByRole('complementary', { name: 'Sidebar' })
  // Right beside the rail.
  expect((await sidebar.boundingBox())?.x).toBe(44)
  await window.picture('41-sidebar-narrow')
  await link.click()
  await page.getByRole('row').filter({ hasText: 'Ready' }).first().waitFor()
  await expect.poll(() => link.count()).toBe(0)
})

it('says that the engine is gone', async () => {
  const { page } = window
  await engine.end('SIGKILL')
  await page.getByText('The connection to the engine is lost.').first().waitFor()
  await window.picture('42-engine-gone')
})
