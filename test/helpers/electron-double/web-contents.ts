import { EventEmitter } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { chromium, type Browser, type Frame, type Page, type Route } from 'playwright-core'
import { createRelay, type Port, type RelayMessage } from './ports.ts'
import { schemeHandler } from './protocol.ts'

/** Chromium knows no `podbay:` scheme without Electron, so its pages are at this address and named by the scheme here. */
const stage = 'http://app.podbay.localhost/'
const real = 'podbay://app/'
const toReal = (url: string) => (url.startsWith(stage) ? real + url.slice(stage.length) : url)
const toStage = (url: string) => (url.startsWith(real) ? stage + url.slice(real.length) : url)

type Invoke = (event: { sender: WebContents; senderFrame: FrameDouble | null }, ...args: unknown[]) => unknown

interface FrameDouble {
  url: string
  parent: FrameDouble | null
}

/** Stands in for electron.WebContents: a page of Debian's Chromium, driven by Playwright, with the real preload in it. */
export class WebContents extends EventEmitter {
  /** Resolves when the page can be driven. */
  readonly page: Promise<Page>
  readonly #handlers = new Map<string, Invoke>()
  readonly #frames = new WeakMap<Frame, FrameDouble>()
  readonly #relay = createRelay(message => this.#toPage(message))
  /** Messages to the page go one after another, as they would by IPC. */
  #outbox: Promise<unknown> = Promise.resolve()
  #browser: Browser | undefined
  #loading = false
  #closed = false
  mainFrame: FrameDouble | undefined
  openHandler: (details: { url: string }) => { action: 'allow' | 'deny' } = () => ({ action: 'allow' })

  readonly ipc = { handle: (channel: string, run: Invoke) => void this.#handlers.set(channel, run) }

  constructor(options: { preload: string }) {
    super()
    this.page = this.#open(options.preload)
  }

  setWindowOpenHandler(handler: WebContents['openHandler']): void {
    this.openHandler = handler
  }

  postMessage(channel: string, data: unknown, transfer: Port[] = []): void {
    this.#toPage({ channel, data, ports: transfer.map(port => this.#relay.adopt(port)) })
  }

  async loadURL(url: string): Promise<void> {
    const page = await this.page
    this.#loading = true
    await page.goto(toStage(url))
    this.emit('did-finish-load')
  }

  async destroy(): Promise<void> {
    this.#closed = true
    this.#relay.closeAll()
    await this.page.catch(() => undefined)
    await this.#browser?.close()
  }

  async #open(preload: string): Promise<Page> {
    this.#browser = await chromium.launch({
      executablePath: '/usr/bin/chromium',
      // Debian's Chromium can't use its sandbox as root; Electron's own is not what this double is about.
      args: ['--no-sandbox'],
    })
    const page = await this.#browser.newPage({ bypassCSP: false })
    this.mainFrame = this.#frameOf(page.mainFrame())
    await page.exposeBinding('__invoke', ({ frame }, channel: string, args: unknown[]) =>
      this.#invoke(frame, channel, args),
    )
    await page.exposeBinding('__toMain', (_, message: RelayMessage) => this.#relay.receive(message))
    const source = readFileSync(preload, 'utf8')
    const host = readFileSync(join(import.meta.dirname, 'preload-host.js'), 'utf8')
    await page.addInitScript(`window.__podbayPreload = (require, process, module, exports) => {\n${source}\n}\n${host}`)
    await page.route('**/*', route => this.#serve(route))
    page.on('framenavigated', frame => {
      // A new document: the old one's ports are gone.
      if (frame === page.mainFrame()) this.#relay.closeAll()
    })
    page.context().on('page', popup => {
      if (this.openHandler({ url: toReal(popup.url()) }).action === 'deny') void popup.close()
    })
    return page
  }

  async #serve(route: Route): Promise<void> {
    const request = route.request()
    const url = toReal(request.url())
    if (request.isNavigationRequest() && !this.#takeLoading()) {
      const event = {
        url,
        isMainFrame: request.frame().parentFrame() === null,
        prevented: false,
        preventDefault: () => (event.prevented = true),
      }
      this.emit('will-frame-navigate', event)
      // No content: the page stays where it is, as after Electron's preventDefault.
      if (event.prevented) return route.fulfill({ status: 204 })
    }
    if (!url.startsWith(real)) return route.abort()
    const response = await schemeHandler('podbay')(new Request(url, { method: request.method() }))
    await route.fulfill({
      status: response.status,
      headers: Object.fromEntries(response.headers),
      body: Buffer.from(await response.arrayBuffer()),
    })
  }

  /** Electron asks nobody about a load that the main process began. */
  #takeLoading(): boolean {
    const loading = this.#loading
    this.#loading = false
    return loading
  }

  #invoke(frame: Frame, channel: string, args: unknown[]): unknown {
    const handler = this.#handlers.get(channel)
    if (!handler) throw new Error(`No handler registered for '${channel}'`)
    return handler({ sender: this, senderFrame: this.#frameOf(frame) }, ...args)
  }

  #frameOf(frame: Frame): FrameDouble {
    const parent = frame.parentFrame()
    const known = this.#frames.get(frame) ?? { url: '', parent: parent && this.#frameOf(parent) }
    known.url = toReal(frame.url())
    this.#frames.set(frame, known)
    return known
  }

  #toPage(message: unknown): void {
    this.#outbox = this.#outbox.then(async () => {
      const page = await this.page
      if (this.#closed) return
      // The page may go while the message is on its way; then there is nobody to take it.
      await page
        .evaluate(value => (window as unknown as { __fromMain(m: unknown): void }).__fromMain(value), message)
        .catch(() => undefined)
    })
  }
}
