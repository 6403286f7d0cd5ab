import Docker from 'dockerode'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { eventually } from '../helpers/eventually.ts'

/** A Docker Engine that nobody else uses, so that it can be killed. */
export interface PrivateDocker {
  readonly docker: Docker
  /** For DOCKER_HOST. */
  readonly host: string
  /** `keep`: the containers that still run go on, else they are ended (Docker's "live restore"). Resolves when it answers. */
  start(keep: boolean): Promise<void>
  /** SIGKILL, as by a crash or for want of memory: its containers run on. SIGSTOP: it takes calls and answers none. */
  signal(signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): Promise<void>
  /** Copies images from the engine that the docker command talks to. */
  load(images: string[]): Promise<void>
}

/** Starts its containerd, which outlives the daemon; all files are in `directory`. Both end with this process's namespace. */
export function createPrivateDocker(directory: string): PrivateDocker {
  const at = (...names: string[]) => join(directory, ...names)
  const host = `unix://${at('docker.sock')}`
  const docker = new Docker({ socketPath: at('docker.sock') })
  mkdirSync(directory, { recursive: true })

  function run(command: string, args: string[]): ChildProcess {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    const log = createWriteStream(at(`${command}.log`), { flags: 'a' })
    child.stdout.pipe(log, { end: false })
    child.stderr.pipe(log, { end: false })
    return child
  }
  const containerd = at('containerd.sock')
  run('containerd', ['--root', at('containerd'), '--state', at('containerd-state'), '--address', containerd])
  let daemon: ChildProcess | undefined

  return {
    docker,
    host,
    async start(keep) {
      const state = ['--data-root', at('data'), '--exec-root', at('exec'), '--pidfile', at('docker.pid')]
      daemon = run('dockerd', [...state, '--host', host, '--containerd', containerd, `--live-restore=${keep}`])
      await eventually(() => docker.ping())
    },
    async signal(signal) {
      if (!daemon) throw new Error('the Docker daemon was never started')
      const gone = once(daemon, 'exit')
      daemon.kill(signal)
      if (signal === 'SIGKILL') await gone
    },
    async load(images) {
      const saving = spawn('docker', ['save', ...images], { stdio: ['ignore', 'pipe', 'inherit'] })
      const loading = spawn('docker', ['--host', host, 'load'], { stdio: ['pipe', 'ignore', 'inherit'] })
      saving.stdout.pipe(loading.stdin)
      const [code] = (await once(loading, 'exit')) as [number | null]
      if (code !== 0) throw new Error(`docker load exited ${code ?? 'by a signal'}`)
    },
  }
}
