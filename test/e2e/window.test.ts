import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openWindow, type BrowserWindow } from '../helpers/browser.ts'
import { withoutDocker } from '../helpers/docker.ts'
import { podbay, startEngine, type Engine } from '../helpers/engine.ts'
import { eventually } from '../helpers/eventually.ts'
import { createKubectl, type Kubectl } from '../helpers/kubectl.ts'

const name = `e2e-window-${process.pid}`
/** How long pods may take. */
const within = { timeout: 30_000 }
interface SettingsFile {
  dock: { tabs: unknown[] }
}
const manifest = readFileSync(join(import.meta.dirname, 'window-shop.yaml'), 'utf8')

describe.skipIf(withoutDocker)('a Deployment debugged in the window', () => {
  const directory = mkdtempSync(join(tmpdir(), 'podbay-e2e-window-'))
  const dataDir = join(directory, 'data')
  let engine: Engine
  let kubectl: Kubectl
  let browser: BrowserWindow
  let page: Page

  const kind = (title: string) => page.getByRole('navigation').getByRole('link', { name: title }).first()
  const row = (text: string | RegExp) => page.getByRole('row').filter({ hasText: text })
  const details = () => page.getByRole('complementary', { name: /^Details/ })
  const button = (label: string | RegExp, within: Page | Locator = page) =>
    within.getByRole('button', { name: label, exact: true })
  const notice = (text: string) => page.getByRole('list', { name: 'Notices' }).getByText(text)
  const dialog = () => page.getByRole('dialog')

  /** Opens an object of a list in the details. */
  async function open(kindTitle: string, object: string | RegExp, tab?: string): Promise<void> {
    await kind(kindTitle).click()
    await row(object).first().click()
    if (tab) await details().getByRole('tab', { name: tab }).click()
  }
  /** Puts a text where the cursor is as a user who copied it somewhere. */
  async function paste(text: string): Promise<void> {
    await page.evaluate(copied => navigator.clipboard.writeText(copied), text)
    await page.keyboard.press('Control+V')
  }
  /** Replaces the end of the line of the YAML editor that begins with `key`. */
  async function editLine(key: string, value: string): Promise<void> {
    await page.locator('.monaco-editor:visible .view-line').filter({ hasText: key }).first().click()
    await page.keyboard.press('End')
    await page.keyboard.press('Shift+Home')
    await page.keyboard.type(`${key} ${value}`)
  }
  /** What the terminal in front shows, once it matches. */
  const screen = (pattern: RegExp) =>
    eventually(async () => {
      const rows = await page.locator('.dock .panel.first .xterm-rows > div').allInnerTexts()
      const match = pattern.exec(rows.join('\n').replaceAll('\u00a0', ' ').trimEnd())
      if (!match) throw new Error(`the terminal does not show ${String(pattern)}:\n${rows.join('\n')}`)
      return match
    }, 20_000)
  const type = async (command: string) => {
    await page.locator('.dock .panel.first .xterm').click()
    await page.keyboard.type(`${command}\n`)
  }
  const replicas = async (deployment: string) =>
    Number(await kubectl.ok(['get', 'deployment', deployment, '-n', 'shop', '-o', 'jsonpath={.spec.replicas}']))

  beforeAll(async () => {
    engine = await startEngine({ name, dataDir })
    kubectl = createKubectl(engine.kubeconfig)
    browser = await openWindow(engine.window)
    page = browser.page
  })
  afterAll(async () => {
    await browser[Symbol.asyncDispose]()
    await engine.end('SIGTERM')
    podbay('delete', '--name', name, '--data-dir', dataDir)
    rmSync(directory, { recursive: true, force: true })
  })

  it('greets with what there is', async () => {
    await page.getByText('Your cluster is running').waitFor()
    await page
      .getByRole('contentinfo', { name: 'Status' })
      .getByText(/^API \d+ ms$/)
      .waitFor()
    await browser.picture('01-first-run')
    expect.soft(await browser.audit()).toEqual([])
  })

  it('creates objects from YAML, and says first what is wrong with them', async () => {
    await button('Create').first().click()
    await dialog().locator('.monaco-editor').click()
    await paste(manifest.replace('replicas: 3', 'replicas: three'))
    await button('Create', dialog()).click()
    await button(/^Line 13 .*spec\.replicas/, dialog()).waitFor()
    await browser.picture('02-create-refused')
    expect.soft(await browser.audit()).toEqual([])
    expect(await kubectl.ok(['get', 'namespaces', '-o', 'name'])).not.toContain('shop')

    await dialog().locator('.monaco-editor').click()
    await page.keyboard.press('Control+A')
    await paste(manifest)
    await button('Create', dialog()).click()
    await notice('7 objects are created.').waitFor()
  })

  it('shows Deployment and pods as they come and go', async () => {
    await kind('Deployments').click()
    await row(/web.*3\/3/).waitFor()
    await kind('Pods').click()
    await expect.poll(() => row(/Running.*web-/).count()).toBe(3)
    await kubectl.ok(['scale', '-n', 'shop', 'deployment/web', '--replicas=4'])
    await expect.poll(() => row(/Running.*web-/).count(), within).toBe(4)
    await browser.picture('03-pods')
    expect.soft(await browser.audit()).toEqual([])
    await kubectl.ok(['scale', '-n', 'shop', 'deployment/web', '--replicas=3'])
    await expect.poll(() => row(/Running.*web-/).count(), within).toBe(3)
  })

  it('leads from a pod to its events and owners', async () => {
    await open('Pods', /Running.*web-/, 'Events')
    for (const reason of ['Scheduled', 'Pulled', 'Created', 'Started'])
      await details().getByText(reason, { exact: true }).waitFor()
    await browser.picture('04-events')
    expect.soft(await browser.audit()).toEqual([])
    await details()
      .getByRole('link', { name: /^web-\w+$/ })
      .click()
    await details().getByText('ReplicaSet', { exact: true }).waitFor()
    await details().getByRole('link', { name: 'Deployment web' }).first().click()
    await details().getByText('3 of 3 ready').waitFor()
    await browser.picture('05-deployment')
    expect.soft(await browser.audit()).toEqual([])
  })

  it('tails logs', async () => {
    await kind('Pods').click()
    await row('client').click()
    await page.keyboard.press('l')
    const log = page.getByRole('log', { name: 'Log of client' })
    const lines = log.locator('.text')
    const lastTick = async () => Number(/tick (\d+)/.exec((await lines.last().textContent()) ?? '')?.[1])
    await log
      .getByText(/^tick \d+$/)
      .first()
      .waitFor()
    const first = await lastTick()
    await expect.poll(lastTick, within).toBeGreaterThan(first)

    await button('Following').click()
    await button(/^\d+ new lines?$/).waitFor()
    await browser.picture('06-logs-paused')
    await button(/^\d+ new lines?$/).click()
    await button('Following').waitFor()

    await page.getByRole('textbox', { name: 'Search' }).fill('tick 2')
    await page.keyboard.press('Enter')
    await page.getByText(/^1 of \d+$/).waitFor()
    expect(await log.locator('.row.current').textContent()).toContain('tick 2')
    await page.getByRole('textbox', { name: 'Search' }).fill('')
    await page.getByRole('textbox', { name: 'Filter lines' }).fill('tick [12]$')
    await button('Regular expression').click()
    await page.getByText(/^2 of \d+ lines$/).waitFor()
    await page.getByRole('textbox', { name: 'Filter lines' }).fill('')

    const times = log.locator('.time')
    expect(await times.first().textContent()).toMatch(/^\d\d:\d\d:\d\d\.\d{3}$/)
    await button('Timestamps').click()
    await expect.poll(() => times.count()).toBe(0)
    await button('Wrap lines').click()
    await log.locator('.row.wrap').first().waitFor()

    await page.getByRole('combobox', { name: 'Container' }).selectOption('sidecar')
    await log.getByText('beside', { exact: true }).waitFor()
    expect.soft(await browser.audit()).toEqual([])
  })

  it('reads the logs of all pods of a Deployment', async () => {
    await open('Deployments', 'api')
    await page.keyboard.press('l')
    const log = page.getByRole('log', { name: 'Log of api' })
    await log.getByText('getaddrinfo ENOTFOUND postgres.data').first().waitFor()
    await log.getByText('container api exited with code 1').first().waitFor()
    const sources = log.locator('.source')
    await expect.poll(async () => new Set(await sources.allTextContents()).size).toBe(2)
    await button(/^info/).click()
    await expect.poll(() => log.getByText('starting api 2.4.0').count()).toBe(0)
    await browser.picture('07-logs-deployment')
    expect.soft(await browser.audit()).toEqual([])
  })

  it('runs commands in a shell', async () => {
    await open('Pods', 'client')
    await button('Shell', details()).click()
    await screen(/client:\/#$/)
    await type('echo $((6*7)); kept=alive; stty size')
    const small = Number((await screen(/42\s+(\d+) \d+/))[1])
    await button('Maximise').click()
    await type(`until [ $(stty size | cut -d' ' -f1) -gt ${small} ]; do sleep 0.1; done; echo gr''own`)
    await screen(/^grown$/m)
    await button('Restore').click()

    await button('New shell').click()
    await screen(/client:\/#$/)
    await type('exit 3')
    await page.getByText('ended, exit 3').waitFor()
    await button('Split').click()
    await browser.picture('08-terminals')
    expect.soft(await browser.audit()).toEqual([])
    await button('End the split').click()
  })

  it('finds its tabs and terminals again after a reload', async () => {
    await page.reload()
    const tabs = page.locator('.dock').getByRole('tab')
    await expect
      .poll(async () => (await tabs.allInnerTexts()).map(text => text.split(/\s/)[0]))
      .toEqual(['client', 'api', 'client', 'client'])
    await page.getByText('ended, exit 3').waitFor()
    await tabs.nth(2).click()
    await screen(/42/)
    await type('echo still $kept')
    await screen(/still alive/)
    await browser.picture('09-terminals-after-reload')

    for (let left = 3; left >= 0; left--) {
      await page.getByTitle('Close tab').last().click()
      await expect.poll(() => tabs.count()).toBe(left)
    }
    // Settings are written a moment after a change.
    const kept = () => (JSON.parse(readFileSync(join(dataDir, 'settings.json'), 'utf8')) as SettingsFile).dock.tabs
    await expect.poll(kept).toEqual([])
    await page.reload()
    await page.getByRole('grid').waitFor()
    expect(await tabs.count()).toBe(0)
  })

  it('edits YAML: the difference before it is applied', async () => {
    await open('Deployments', 'web', 'YAML')
    await editLine('replicas:', '2')
    await button('Review changes').click()
    await page.getByText('The server would accept this.').waitFor()
    await page
      .locator('.monaco-diff-editor')
      .getByText(/hidden lines/)
      .first()
      .waitFor()
    await page
      .locator('.monaco-diff-editor')
      .getByText(/replicas:\s2/)
      .waitFor()
    await browser.picture('10-review')
    expect.soft(await browser.audit()).toEqual([])
    expect(await replicas('web')).toBe(3)
    await button('Apply').click()
    await notice('is applied').waitFor()
    await row(/web.*2\/2/).waitFor()
    expect(await replicas('web')).toBe(2)
  })

  it('shows a conflict and merges it', async () => {
    await editLine('replicas:', '3')
    await kubectl.ok(['annotate', '-n', 'shop', 'deployment/web', 'shop/owner=ops'])
    await page.getByText('Someone else changed it meanwhile.').waitFor()
    await page.getByRole('alert').getByText('metadata.annotations').waitFor()
    await browser.picture('11-conflict')
    expect.soft(await browser.audit()).toEqual([])
    await button('Take over their changes').click()
    await button('Review changes').click()
    await button('Apply').click()
    await row(/web.*3\/3/).waitFor()
    expect(await replicas('web')).toBe(3)
    const annotation = 'jsonpath={.metadata.annotations.shop/owner}'
    expect(await kubectl.ok(['get', 'deployment', 'web', '-n', 'shop', '-o', annotation])).toBe('ops')
  })

  it.each([
    [
      'a crashing container',
      /CrashLoopBackOff.*api-/,
      /Container api exits with code 1 each time it starts/,
      'Read its last logs',
    ],
    [
      'an image that is not there',
      'report',
      /Image shop\/report:9 is not on the node, and its pull policy is Never/,
      'Edit YAML',
    ],
    ['a pod that fits nowhere', 'worker', /No node fits: the only node has too little memory free/, 'Edit YAML'],
  ])('explains %s', async (what, pod, sentence, action) => {
    await open('Pods', pod)
    await details().getByText('Why isn’t it running?').waitFor()
    await details().getByText(sentence).waitFor()
    await button(action, details()).first().waitFor()
    await browser.picture(`14-why-${what.split(' ').at(-1)}`)
    expect.soft(await browser.audit()).toEqual([])
  })

  it('lists what is wrong, each with its cause', async () => {
    await kind('Overview').click()
    await page.getByText('Wrong now').waitFor()
    await browser.picture('15-overview')
    expect.soft(await browser.audit()).toEqual([])
    await kind('Problems').click()
    await page.getByText('Image shop/report:9 is not on the node').waitFor()
    await browser.picture('16-problems')
    expect.soft(await browser.audit()).toEqual([])
  })

  it('shows only the namespaces that are wanted', async () => {
    await kubectl.ok(['run', 'elsewhere', '--image=shop/none:1', '--image-pull-policy=Never'])
    await kind('Pods').click()
    await row('elsewhere').waitFor()
    await button(/^Namespaces/).click()
    await page.getByRole('menuitemcheckbox', { name: 'shop' }).click()
    await page.keyboard.press('Escape')
    await expect.poll(() => row('elsewhere').count(), within).toBe(0)
    await row('client').waitFor()
    await page.getByRole('grid').focus()
    await page.keyboard.press('0')
    await row('elsewhere').waitFor()
    await page.keyboard.press('/')
    await page.keyboard.type('elsew')
    await expect.poll(() => page.getByRole('row').count()).toBe(2)
  })

  it('goes anywhere and does anything from the palette', async () => {
    await page.keyboard.press('Control+k')
    await dialog().getByRole('combobox').fill('restart web')
    await dialog().getByText('Restart Deployment web').waitFor()
    await browser.picture('17-palette')
    expect.soft(await browser.audit()).toEqual([])
    await dialog().getByRole('combobox').fill('svc/web')
    await page.keyboard.press('Enter')
    await details().getByText('Cluster IP').waitFor()
    await browser.picture('18-service')
  })

  it('is light, and speaks Chinese', async () => {
    await button('Settings').click()
    await button('light').click()
    await browser.picture('19-settings')
    expect.soft(await browser.audit()).toEqual([])
    await button('简体中文').click()
    await page.keyboard.press('Escape')
    await page.getByRole('navigation').getByRole('link', { name: '概览' }).click()
    await page.getByText('当前问题').first().waitFor()
    await browser.picture('20-zh-overview')
    expect.soft(await browser.audit()).toEqual([])
    await page
      .getByRole('navigation')
      .getByRole('link', { name: /^Pod\b/ })
      .first()
      .click()
    await row(/api-/).first().click()
    await browser.picture('21-zh-pod')
    expect.soft(await browser.audit()).toEqual([])
    await page.reload()
    await page.getByRole('navigation').getByRole('link', { name: '概览' }).waitFor()
    await button('设置').click()
    await button('English').click()
    await page.keyboard.press('Escape')
  })

  it('scales, restarts and deletes, each with its question', async () => {
    await open('Deployments', 'web')
    await button('Scale…', details()).click()
    await dialog().getByRole('spinbutton').fill('2')
    await browser.picture('12-scale')
    await button('Scale to 2', dialog()).click()
    await row(/web.*2\/2/).waitFor()

    const names = async () =>
      (await kubectl.ok(['get', 'pods', '-n', 'shop', '-l', 'app=web', '-o', 'name'])).split('\n')
    const before = await names()
    await button('Restart', details()).click()
    await button('Restart Deployment', dialog()).click()
    await expect.poll(async () => (await names()).filter(pod => pod !== '' && before.includes(pod)), within).toEqual([])

    await page.keyboard.press('Escape')
    await row('worker').click()
    await page.keyboard.press('Control+d')
    await dialog().getByText('It takes 1 Pod and 1 ReplicaSet with it.').waitFor()
    await browser.picture('13-delete')
    expect.soft(await browser.audit()).toEqual([])
    await button('Cancel', dialog()).click()
    await page.keyboard.press('Control+d')
    await button('Delete Deployment', dialog()).click()
    await expect.poll(() => row('worker').count(), within).toBe(0)
    expect(await kubectl.ok(['get', 'deployments', '-n', 'shop', '-o', 'name'])).not.toContain('worker')
  })

  it('had nothing to complain about', () => {
    expect(browser.complaints).toEqual([])
  })
})
