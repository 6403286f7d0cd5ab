import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { HostStatus } from '../../../shared/contract/host.ts'
import type { Bridge } from '../../../shared/contract/shell.ts'
import { createAppDirectory } from '../../helpers/electron-double/app-directory.ts'
import { app } from '../../helpers/electron-double/app.ts'
import { BrowserWindow } from '../../helpers/electron-double/browser-window.ts'
import { asked, decisions } from '../../helpers/electron-double/electron.ts'
import { schemeHandler } from '../../helpers/electron-double/protocol.ts'
import { utilityProcesses } from '../../helpers/electron-double/utility-process.ts'
import { eventually } from '../../helpers/eventually.ts'

vi.mock('electron', () => import('../../helpers/electron-double/electron.ts'))

declare global {
  interface Window {
    testStatus(): Promise<HostStatus>
    testEcho(text: string): Promise<string>
    __invoke(channel: string, args: unknown[]): Promise<unknown>
  }
}

/** The page: speaks the rpc protocol by hand, so that what crosses is seen as it is. */
const script = `
let port
const ports = []
addEventListener('message', e => {
  if (e.source === window && e.data === 'podbay-port') { port = e.ports[0]; for (const r of ports.splice(0)) r() }
})
async function call(method, ...args) {
  if (!port) { const opened = new Promise(r => ports.push(r)); await window.podbay.requestPort(); await opened }
  const id = Math.floor(Math.random() * 1e9)
  return new Promise((resolve, reject) => {
    port.addEventListener('message', function take({ data }) {
      if (data.id !== id) return
      port.removeEventListener('message', take)
      data.type === 'end' ? resolve(data.result) : reject(data.error)
    })
    port.start()
    port.postMessage({ id, type: 'call', method, args })
  })
}
window.testStatus = () => call('status')
window.testEcho = async text => {
  const { id } = await call('openTerminal', { namespace: 'd', pod: 'p', container: 'c', command: ['cat'], width: 80, height: 24 })
  await call('writeTerminal', id, new TextEncoder().encode(text))
  return new Promise(resolve => {
    port.addEventListener('message', ({ data }) => { if (data.type === 'data') resolve(new TextDecoder().decode(data.data)) })
    port.postMessage({ id: -1, type: 'call', method: 'attachTerminal', args: [id] })
    port.postMessage({ id: -1, type: 'credit', count: 10 })
  })
}
document.body.textContent = 'ready'
`

describe('the Electron shell', () => {
  const stack = new AsyncDisposableStack()
  let directory: string
  const theWindow = () => BrowserWindow.getAllWindows()[0]!
  const page = async (): Promise<Page> => {
    const opened = await theWindow().webContents.page
    await opened.getByText('ready').waitFor()
    return opened
  }

  beforeAll(async () => {
    const built = stack.use(
      await createAppDirectory({
        'index.html': '<!doctype html><body><script src="/assets/page.js" type="module"></script>',
        'assets/page.js': script,
      }),
    )
    directory = built.path
    app.appPath = directory
    app.userData = directory
    await import('../../../main/index.ts')
    await vi.waitUntil(() => BrowserWindow.getAllWindows().length === 1)
  })
  afterAll(async () => {
    app.quit()
    await app.exited
    await Promise.all(app.opened)
    await stack.disposeAsync()
  })

  it('opens a sandboxed, isolated window', async () => {
    await page()
    expect(app.isSandboxed).toBe(true)
    expect(theWindow().options.webPreferences).toMatchObject({
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webviewTag: false,
      webSecurity: true,
    })
  })

  it('gives the page the Shell and nothing else of Electron', async () => {
    const opened = await page()
    const shape = await opened.evaluate(() => {
      const { podbay } = globalThis as unknown as { podbay: Bridge }
      return { keys: Object.keys(podbay), shell: Object.keys(podbay.shell), require: typeof require }
    })
    expect(shape.keys).toEqual(['shell', 'requestPort'])
    expect(shape.shell).toHaveLength(8)
    expect(shape.require).toBe('undefined')
  })

  it('connects the page to the engine, bytes included', async () => {
    const opened = await page()
    expect(await opened.evaluate(() => window.testStatus())).toMatchObject({ cluster: 'double', state: 'running' })
    expect(await opened.evaluate(() => window.testEcho('hello'))).toBe('hello')
  })

  it('shows the status in the tray', async () => {
    await eventually(() => expect(asked.tray.tip).toBe('Podbay: double: The cluster is running (simulated)'))
    expect(asked.tray.menu.map(item => item.label)).toContain('Quit Podbay')
  })

  it('gives the page a new connection after a reload and after the engine crashed', async () => {
    const opened = await page()
    const before = await opened.evaluate(() => window.testStatus())
    await opened.reload()
    expect((await (await page()).evaluate(() => window.testStatus())).process.pid).toBe(before.process.pid)
    process.kill(utilityProcesses()[0]!.pid!, 'SIGKILL')
    await eventually(() => expect(utilityProcesses()).toHaveLength(2))
    await opened.reload()
    const after = await (await page()).evaluate(() => window.testStatus())
    expect(after.process.pid).not.toBe(before.process.pid)
    expect(asked.messages).toEqual([])
  })

  it('says why an engine that ran before does not start again, and tries again when asked to', async () => {
    await page()
    process.env['DOUBLE_REFUSAL'] = 'the disk is full'
    process.kill(utilityProcesses().at(-1)!.pid!, 'SIGKILL')
    await eventually(() => expect(asked.messages).not.toEqual([]))
    expect(asked.messages[0]).toMatchObject({ message: 'The engine could not start.', detail: 'the disk is full' })
    delete process.env['DOUBLE_REFUSAL']
    await eventually(() => expect(asked.tray.tip).toContain('The cluster is running'))
    const opened = await page()
    await opened.reload()
    expect(await (await page()).evaluate(() => window.testStatus())).toMatchObject({ state: 'running' })
  })

  it('opens https and loopback addresses in the browser, and nothing else', async () => {
    const opened = await page()
    const open = (url: string) =>
      opened.evaluate(u => (globalThis as unknown as { podbay: Bridge }).podbay.shell.openExternal(u), url)
    await open('https://kubernetes.io/docs')
    await open('http://127.0.0.1:8080/')
    for (const bad of ['file:///etc/passwd', 'http://kubernetes.io', 'javascript:alert(1)']) {
      await expect(open(bad)).rejects.toThrow('only https')
    }
    expect(asked.opened).toEqual(['https://kubernetes.io/docs', 'http://127.0.0.1:8080/'])
  })

  it('reads and writes only files the user chose', async () => {
    const opened = await page()
    const save = () =>
      opened.evaluate(() =>
        (globalThis as unknown as { podbay: Bridge }).podbay.shell.saveTextFile({
          title: 't',
          name: 'a/../b',
          text: 'kept',
        }),
      )
    expect(await save()).toBe(false)
    asked.chosenFile = join(directory, 'chosen.yaml')
    expect(await save()).toBe(true)
    expect(await readFile(asked.chosenFile, 'utf8')).toBe('kept')
    await writeFile(asked.chosenFile, 'text: 1')
    const read = await opened.evaluate(() =>
      (globalThis as unknown as { podbay: Bridge }).podbay.shell.openTextFile({ title: 't', extensions: ['yaml'] }),
    )
    expect(read).toEqual({ name: 'chosen.yaml', text: 'text: 1' })
  })

  it('refuses calls with wrong arguments, of other frames, and files that are not the cluster’s', async () => {
    const opened = await page()
    const invoke = (channel: string, ...args: unknown[]) =>
      opened.evaluate(([c, a]) => window.__invoke(c, a), [channel, args] as [string, unknown[]])
    await expect(invoke('shell:openExternal', { toString: 'https://x' })).rejects.toThrow('must be a short text')
    await expect(invoke('shell:minimise', 1)).rejects.toThrow('no arguments')
    await expect(invoke('shell:openTextFile', { title: 't', extensions: ['../x'] })).rejects.toThrow(
      'letters and digits',
    )
    await expect(invoke('shell:showFile', '/etc/passwd')).rejects.toThrow('only files of the cluster')
    await expect(invoke('shell:nothing')).rejects.toThrow('No handler')
    const refusal = await opened.evaluate(async () => {
      const frame = document.body.appendChild(document.createElement('iframe'))
      return frame.contentWindow!.__invoke('shell:minimise', []).catch((e: unknown) => String(e))
    })
    expect(refusal).toContain('own page only')
    await invoke('shell:showFile', '/data/kubeconfig')
    expect(asked.shownFiles).toEqual(['/data/kubeconfig'])
  })

  it('goes nowhere else and opens no windows', async () => {
    const opened = await page()
    const home = opened.url()
    for (const url of ['https://evil.example/', 'http://app.podbay.localhost.evil.example/']) {
      const asked = opened.waitForResponse(url)
      await opened.evaluate(u => void (location.href = u), url)
      await asked
      expect(await opened.evaluate(() => document.body.textContent)).toBe('ready')
      expect(opened.url()).toBe(home)
    }
    expect(theWindow().webContents.openHandler({ url: 'https://evil.example/' })).toEqual({ action: 'deny' })
    const attach = { prevented: false, preventDefault: () => (attach.prevented = true) }
    theWindow().webContents.emit('will-attach-webview', attach)
    expect(attach.prevented).toBe(true)
  })

  it('grants pages nothing but writing to the clipboard', () => {
    const ask = (permission: string, requestingUrl: string) => {
      let answer: unknown
      const details = { isMainFrame: true, requestingUrl }
      const request = decisions.request as (...args: unknown[]) => void
      request(null, permission, (granted: boolean) => (answer = granted), details)
      return answer
    }
    for (const permission of [
      'media',
      'geolocation',
      'notifications',
      'clipboard-read',
      'openExternal',
      'fileSystem',
    ]) {
      expect(ask(permission, 'podbay://app/')).toBe(false)
    }
    expect(ask('clipboard-sanitized-write', 'podbay://app/')).toBe(true)
    expect(ask('clipboard-sanitized-write', 'https://evil.example/')).toBe(false)
    expect((decisions.device as () => boolean)()).toBe(false)
  })

  it.each([
    ['podbay://app/', 200],
    ['podbay://app/pods/default/web', 200],
    ['podbay://app/assets/page.js', 200],
    ['podbay://app/../secret.txt', 404],
    ['podbay://app/%2e%2e/%2e%2e/secret.txt', 404],
    ['podbay://app/..%2f..%2fsecret.txt', 403],
    ['podbay://app/..%5c..%5csecret.txt', 403],
    ['podbay://app/%00.txt', 403],
    ['podbay://app/%E0%A4%A', 403],
    ['podbay://other/', 403],
  ])('answers %s with %i', async (url, status) => {
    const response = await schemeHandler('podbay')(new Request(url))
    expect(response.status).toBe(status)
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'")
  })

  it('keeps the cluster running without a window and comes back on a second start', async () => {
    await page()
    const count = utilityProcesses().length
    theWindow().close()
    expect(BrowserWindow.getAllWindows()).toEqual([])
    app.emit('second-instance')
    await page()
    expect(utilityProcesses()).toHaveLength(count)
    const kept = JSON.parse(await readFile(join(directory, 'window.json'), 'utf8')) as unknown
    expect(kept).toEqual({ x: 0, y: 0, width: 1440, height: 900, maximised: false })
  })

  it('leaves the keys of shells alone in its menu', () => {
    const keys = asked.menu.flatMap(menu => menu.submenu ?? []).map(item => item.accelerator)
    expect(keys.filter(key => /^Ctrl\+[A-Z]$/.test(key ?? ''))).toEqual([])
  })

  it('stops the engine before it quits', async () => {
    const engine = utilityProcesses().at(-1)!
    const exit = new Promise(resolve => engine.once('exit', resolve))
    app.quit()
    await app.exited
    expect(await exit).toBe(0)
  })
})
