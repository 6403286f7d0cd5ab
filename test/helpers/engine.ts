import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const root = join(import.meta.dirname, '..', '..')
const entry = join(root, 'dist', 'main', 'headless.js')

/** An engine process as a user starts it. */
export interface Engine {
  server: string
  kubeconfig: string
  window: string
  runtime: string
  pid: number
  /** Sends a signal and resolves with the exit code once the process is gone (null after SIGKILL). */
  end(signal: NodeJS.Signals): Promise<number | null>
  /** Its exit code once it is gone, whoever ended it. */
  ended: Promise<number | null>
  /** What it has written, both outputs together. */
  words(): string
}

interface EngineOptions {
  name: string
  dataDir: string
  flags?: string[]
  env?: Record<string, string>
}

/** Runs `podbay up --headless` and resolves with what its ready line says. Rejects with its output if it ends first. */
export async function startEngine({ name, dataDir, flags = [], env }: EngineOptions): Promise<Engine> {
  const args = ['up', '--headless', '--name', name, '--data-dir', dataDir, '--secure-port', '0', ...flags]
  const child = spawn(process.execPath, ['--max-semi-space-size=8', entry, ...args], {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const said: string[] = []
  const ended = new Promise<number | null>(resolve => child.once('close', resolve))
  const ready = await readyLine(child, said)
  return {
    server: ready['server'] ?? '',
    kubeconfig: ready['kubeconfig'] ?? '',
    window: ready['window'] ?? '',
    runtime: ready['runtime'] ?? '',
    pid: child.pid ?? 0,
    ended,
    words: () => said.join(''),
    async end(signal) {
      if (child.exitCode !== null || child.signalCode !== null) return child.exitCode
      const gone = once(child, 'exit')
      child.kill(signal)
      await gone
      return child.exitCode
    },
  }
}

/** Collects what the engine says in `said`. */
function readyLine(child: ChildProcess, said: string[]): Promise<Record<string, string>> {
  return new Promise((resolve, reject) => {
    if (!child.stdout || !child.stderr) throw new Error('no pipes')
    child.stderr.setEncoding('utf8').on('data', (text: string) => said.push(text))
    createInterface({ input: child.stdout }).on('line', line => {
      said.push(`${line}\n`)
      if (!line.startsWith('ready ')) return
      const pairs = [...line.matchAll(/(\w+)=(\S+)/g)].map(([, key = '', value = '']): [string, string] => [key, value])
      resolve(Object.fromEntries(pairs))
    })
    child.once('error', reject)
    child.once('exit', code => {
      reject(new Error(`the engine ended with ${code ?? 'a signal'} before it was ready:\n${said.join('')}`))
      // One that ends badly later must not take its reason along.
      if (code) process.stderr.write(said.join(''))
    })
  })
}

/** Runs a command of the CLI to its end. */
export function podbay(...args: string[]): { code: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [entry, ...args], { cwd: root, encoding: 'utf8' })
  return { code: status, stdout, stderr }
}

/** Starts a command of the CLI whose readers have gone before it writes: both outputs are broken pipes. */
export function podbayUnread(...args: string[]): ChildProcess {
  const child = spawn(process.execPath, ['--max-semi-space-size=8', entry, ...args], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  child.stdout.destroy()
  child.stderr.destroy()
  return child
}
