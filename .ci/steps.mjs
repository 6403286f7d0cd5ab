// What the set-up scripts share: running commands with progress on stderr. Runs on Node 20 without any package.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** Exists, with the reason, while no Docker Engine can run here at all: the engine then simulates its node. */
export const withoutDocker = join(root, '.cache', 'without-docker')

/** The environment in which everything after the set-up runs: the pinned Node comes first. */
export const environment = { ...process.env, PATH: join(root, 'node_modules', '.bin') + delimiter + process.env.PATH }

export const say = text => process.stderr.write(`${text}\n`)

/** Ends the set-up with a message for the user; no stack, since nothing is wrong with the program. */
export function stop(text) {
  say(text)
  process.exit(1)
}

/** The output of a command, or undefined if it can't be run or fails. */
export function output(command, args) {
  const run = spawnSync(command, args, { encoding: 'utf8', cwd: root })
  return run.status === 0 ? run.stdout.trim() : undefined
}

export const has = command => output('sh', ['-c', `command -v ${command}`]) !== undefined

/**
 * Runs a command in the foreground; this process ends as it did. A signal may be meant for this process alone (`kill`, a
 * service manager): the command gets it too, or it would be left behind.
 */
export function hand(command, args) {
  const child = spawn(command, args, { cwd: root, env: environment, stdio: 'inherit' })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('exit', code => resolve((process.exitCode = code ?? 1)))
  })
}

/** Runs a long command under one line of progress; its output is shown only if it fails. */
export async function step(title, command, args, options = {}) {
  const started = Date.now()
  const lines = []
  const child = spawn(command, args, { cwd: root, env: environment, stdio: ['ignore', 'pipe', 'pipe'], ...options })
  const tick = setInterval(() => say(`  ${title} … ${Math.round((Date.now() - started) / 1000)} s`), 10_000)
  say(`  ${title} …`)
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', text => lines.push(text))
  const code = await new Promise(resolve => {
    child.on('error', error => {
      lines.push(error.message)
      resolve(127)
    })
    child.on('close', resolve)
  })
  clearInterval(tick)
  if (code !== 0)
    stop(`${lines.join('').split('\n').slice(-40).join('\n')}\n${title} failed: ${command} ${args.join(' ')}`)
}

export const isRoot = process.getuid?.() === 0
export const isDebian = existsSync('/etc/debian_version') && has('apt-get')
