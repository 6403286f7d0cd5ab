// A Docker Engine that answers: the running one, or one started here when root.
import { spawn, spawnSync } from 'node:child_process'
import { openSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { has, isRoot, output, root, say } from './steps.mjs'

const answers = () => output('docker', ['version', '--format', '{{.Server.Version}}'])

/** True if an engine runs and this user may not talk to it. */
const isForbidden = () =>
  /permission denied/i.test(spawnSync('docker', ['version'], { cwd: root, encoding: 'utf8' }).stderr ?? '')

/**
 * Returns `{ ready: true, pid? }` (`pid` if dockerd was started here and the caller may have to end it) or
 * `{ ready: false, why, later }`; `later` where an engine is there and the user can start it or be let in.
 */
export async function ensureDocker() {
  if (answers()) return { ready: true }
  const later = why => ({ ready: false, later: true, why })
  if (process.env.DOCKER_HOST) return later(`DOCKER_HOST=${process.env.DOCKER_HOST} does not answer`)
  if (process.platform !== 'linux') return later('Docker is not running; start Docker Desktop')
  if (!has('dockerd')) return { ready: false, why: 'no Docker Engine is installed' }
  if (!isRoot && isForbidden()) {
    return later(
      'this user may not use the Docker Engine; to allow it: sudo usermod -aG docker "$USER", then log in again',
    )
  }
  if (!isRoot) return later('the Docker Engine is not running; start it with: sudo systemctl start docker')
  say('  starting the Docker Engine …')
  if (
    output('systemctl', ['is-system-running']) &&
    output('systemctl', ['start', 'docker']) !== undefined &&
    answers()
  ) {
    return { ready: true }
  }
  const file = join(tmpdir(), 'podbay-dockerd.log')
  const log = openSync(file, 'a')
  const child = spawn('dockerd', [], { detached: true, stdio: ['ignore', log, log] })
  let ended = false
  child.on('exit', () => (ended = true))
  child.unref()
  for (let tries = 0; tries < 120 && !ended; tries++) {
    if (answers()) return { ready: true, pid: child.pid }
    await wait(250)
  }
  return { ready: false, why: `dockerd can't run here (see ${file})` }
}

/** Ends a dockerd that ensureDocker started, and waits until it is gone. */
export async function stopDocker({ pid }) {
  if (!pid) return
  process.kill(pid, 'SIGTERM')
  for (let tries = 0; tries < 120; tries++) {
    try {
      process.kill(pid, 0)
    } catch {
      return
    }
    await wait(250)
  }
}
