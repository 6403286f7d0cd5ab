// Opens Podbay: the Electron window where its binary can be had, else the same window in a browser.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { environment, hand, root, say, withoutDocker } from './steps.mjs'

const electron = findElectron()
// As `npm run podbay` and the desktop start it: V8 keeps 24 MiB for young objects, not up to 128.
const [command, args] = electron.path
  ? [electron.path, [root, ...process.argv.slice(2)]]
  : ['node', ['--max-semi-space-size=8', join(root, '.ci', 'engine.mjs'), 'up', ...process.argv.slice(2)]]
if (!electron.path) say(`No Electron here (${electron.why}): the window opens in a browser.`)
if (existsSync(withoutDocker)) environment.PODBAY_RUNTIME ??= 'simulated'
await hand(command, args)

/** Electron's package fetches its binary on first use; where that fails, its own words say why. */
function findElectron() {
  if (process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY) return { why: 'no display' }
  const home = join(root, 'node_modules', 'electron')
  if (!existsSync(join(home, 'path.txt'))) {
    say('  fetching Electron (once) …')
    const install = spawnSync(process.execPath, [join(home, 'install.js')], { encoding: 'utf8' })
    const why = /^\S*Error: .*$/m.exec(install.stderr)?.[0] ?? 'its binary could not be fetched'
    if (install.status !== 0) return { why }
  }
  return { path: join(home, 'dist', readFileSync(join(home, 'path.txt'), 'utf8')) }
}
