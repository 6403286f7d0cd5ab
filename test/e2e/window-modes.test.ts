import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openWindow } from '../helpers/browser.ts'
import { startEngine } from '../helpers/engine.ts'
import { createKubectl } from '../helpers/kubectl.ts'

const name = `e2e-modes-${process.pid}`
let dataDir: string
beforeEach(() => (dataDir = mkdtempSync(join(tmpdir(), 'podbay-e2e-modes-'))))
afterEach(() => rmSync(dataDir, { recursive: true, force: true }))

it('says plainly that a simulated cluster runs no container', async () => {
  const engine = await startEngine({ name, dataDir, flags: ['--runtime', 'simulated'] })
  const window = await openWindow(engine.window, 'light')
  try {
    const { page } = window
    await page.getByText('This cluster runs simulated: pods go through their states, but no container runs.').waitFor()
    await createKubectl(engine.kubeconfig).ok(['create', 'deployment', 'web', '--image=shop/web:1', '--replicas=3'])
    await page.getByRole('navigation').getByRole('link', { name: 'Pods' }).click()
    await expect
      .poll(() =>
        page
          .getByRole('row')
          .filter({ hasText: /Running.*web-/ })
          .count(),
      )
      .toBe(3)
    await window.picture('30-simulated')
    expect.soft(await window.audit()).toEqual([])
    expect(window.complaints).toEqual([])
  } finally {
    await window[Symbol.asyncDispose]()
    await engine.end('SIGTERM')
  }
})

it('says what to do where there is no Docker', async () => {
  const engine = await startEngine({
    name,
    dataDir,
    flags: ['--runtime', 'docker'],
    env: { DOCKER_HOST: 'unix:///nonexistent/docker.sock' },
  })
  const window = await openWindow(engine.window)
  try {
    const { page } = window
    await page.getByRole('alert').getByText('Start Docker; Podbay goes on by itself when it is back.').waitFor()
    await page.getByRole('contentinfo', { name: 'Status' }).getByText('Docker stopped').waitFor()
    await createKubectl(engine.kubeconfig).ok(['run', 'web', '--image=shop/web:1'])
    await page.getByRole('navigation').getByRole('link', { name: 'Nodes' }).click()
    await page.getByRole('row').filter({ hasText: 'NotReady' }).click()
    await page
      .getByRole('complementary', { name: /^Details/ })
      .getByText('The Docker Engine does not answer. Start it; the node comes back by itself.')
      .waitFor()
    await window.picture('31-no-docker')
    expect.soft(await window.audit()).toEqual([])
    await page.getByRole('navigation').getByRole('link', { name: 'Pods' }).click()
    await page
      .getByRole('row')
      .filter({ hasText: /Pending.*web/ })
      .waitFor()
    expect(window.complaints).toEqual([])
  } finally {
    await window[Symbol.asyncDispose]()
    await engine.end('SIGTERM')
  }
})
