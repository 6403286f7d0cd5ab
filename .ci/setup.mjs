// Prepares a clone for `--for engine|start|test`: packages from npm and the system, a Docker Engine, the built app.
// Depends on nothing but Node 20, and says nothing when there is nothing to do.
import { createHash } from 'node:crypto'
import { existsSync, lstatSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { ensureDocker } from './docker.mjs'
import { ensurePackages } from './packages.mjs'
import { output, root, say, step, stop, withoutDocker } from './steps.mjs'

const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 9))
  stop(`Podbay needs Node 20.9 or later to set itself up; this is ${process.version}`)

const purpose = process.argv[process.argv.indexOf('--for') + 1]
if (!['engine', 'start', 'test'].includes(purpose)) stop('usage: setup.mjs --for engine|start|test')

await ensureModules()
await ensurePackages(purpose)
if (purpose !== 'test') {
  const docker = await ensureDocker()
  rmSync(withoutDocker, { force: true })
  if (!docker.ready && !docker.later) {
    say(`Pods will be simulated: ${docker.why}`)
    mkdirSync(dirname(withoutDocker), { recursive: true })
    writeFileSync(withoutDocker, docker.why)
  } else if (!docker.ready) say(`Pods will wait: ${docker.why}`)
}
const fresh = output(join(root, 'node_modules', '.bin', 'node'), [join(root, '.ci', 'build.mjs'), '--check'])
if (fresh === undefined) await step('building', 'node', [join(root, '.ci', 'build.mjs')])

/** `npm ci` when the lock file is not the one that was installed last. */
async function ensureModules() {
  const stamp = join(root, 'node_modules', '.installed')
  const lock = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return
  // `npm ci` begins by removing everything, through a link too: another clone would lose its packages.
  const modules = join(root, 'node_modules')
  if (lstatSync(modules, { throwIfNoEntry: false })?.isSymbolicLink()) {
    stop(`${modules} is a link, and what it leads to was not installed for this clone; remove the link and try again`)
  }
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'
  await step('npm ci (once, about a minute)', npm, ['ci', '--no-audit', '--no-fund'], { env: process.env })
  if (!existsSync(join(root, 'node_modules', '.bin', 'node'))) {
    stop(`npm has no Node 24 for ${process.platform} ${process.arch}; install Node 24 and run npm with it`)
  }
  if (!output(join(root, 'node_modules', '.bin', 'node'), ['--version'])) stop('the pinned Node does not run here')
  writeFileSync(stamp, lock)
}
