import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type * as Axe from 'axe-core'
import { chromium, type Page } from 'playwright-core'

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const artefacts = join(import.meta.dirname, '..', '..', 'test-results', 'window')

const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** The window in a Chromium with a profile of its own. */
export interface BrowserWindow extends AsyncDisposable {
  page: Page
  /** What must not happen: console errors and warnings (refusals of the CSP among them), uncaught errors, failed requests. */
  complaints: string[]
  /** Keeps a picture under test-results/window. */
  picture(name: string): Promise<void>
  /** Violations of WCAG 2.2 A and AA that axe-core finds serious or critical, as `rule: selector`. */
  audit(): Promise<string[]>
}

/** Opens `url` at 1440x900. `colours` is what the system says it likes. */
export async function openWindow(url: string, colours: 'dark' | 'light' = 'dark'): Promise<BrowserWindow> {
  const profile = mkdtempSync(join(tmpdir(), 'podbay-chromium-'))
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: flags,
    viewport: { width: 1440, height: 900 },
    colorScheme: colours,
    reducedMotion: 'reduce',
    locale: 'en-GB',
    permissions: ['clipboard-read', 'clipboard-write'],
  })
  context.setDefaultTimeout(15_000)
  const page = context.pages()[0] ?? (await context.newPage())
  const complaints: string[] = []
  page.on('console', message => {
    if (['error', 'warning'].includes(message.type())) complaints.push(`${message.type()}: ${message.text()}`)
  })
  page.on('pageerror', error => complaints.push(`uncaught: ${error.stack ?? error.message}`))
  page.on('requestfailed', request => complaints.push(`failed: ${request.url()} ${request.failure()?.errorText ?? ''}`))
  page.on('response', response => {
    if (response.status() >= 400) complaints.push(`${response.status()}: ${response.url()}`)
  })
  mkdirSync(artefacts, { recursive: true })
  await page.goto(url)

  return {
    page,
    complaints,
    async picture(name) {
      await page.screenshot({ path: join(artefacts, `${name}.png`) })
    },
    async audit() {
      // Evaluated by the debugger: the page's policy lets no such script in, and shall not be weakened for it.
      await page.evaluate(axeSource)
      const { violations } = await page.evaluate(() => {
        const { axe } = globalThis as unknown as { axe: typeof Axe }
        return axe.run({
          runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'],
          resultTypes: ['violations'],
        })
      })
      return violations
        .filter(({ impact }) => impact === 'serious' || impact === 'critical')
        .flatMap(({ id, nodes }) =>
          nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')}\n${failureSummary}`),
        )
    },
    async [Symbol.asyncDispose]() {
      await context.close()
      rmSync(profile, { recursive: true, force: true })
    },
  }
}
