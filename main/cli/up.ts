import { spawn } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Host } from '../../shared/contract/host.ts'
import { systemClock } from '../../shared/machinery/clock.ts'
import type { Logger } from '../../shared/machinery/log.ts'
import { createCluster } from '../cluster.ts'
import type { Config } from '../config.ts'
import { createHost } from '../host/host.ts'
import { parentPort, servePorts } from '../host/serve-ports.ts'
import { loadWindowAddress, saveWindowAddress } from '../host/window-address.ts'
import { createWindowServer, type WindowServer } from '../host/window-server.ts'
import { acquireLock } from '../store/lock.ts'
import { createLog } from './log.ts'
import { writeRunning } from './running.ts'
import { watchDataDir } from './watch-data-dir.ts'

/** Where the built window lies, seen from dist/main and from main/cli alike. */
const page = join(import.meta.dirname, import.meta.filename.endsWith('.ts') ? '../../dist/renderer' : '../renderer')

/** A stop that takes longer is cut short: pods go on by themselves, and nothing acknowledged can be lost. */
const stopLimit = 5_000

/**
 * Runs a cluster until SIGTERM, SIGINT or SIGHUP (or the shell's word), and prints one line when it is ready. Pods outlive it.
 * @throws Error naming the port, or the data directory and the pid of the engine that has it; or that its data was removed meanwhile.
 */
export async function up(config: Config): Promise<void> {
  const stop = Promise.withResolvers<undefined>()
  const end = () => {
    setTimeout(() => {
      console.error(`the stop took longer than ${stopLimit / 1000} s and is cut short; pods go on, nothing is lost`)
      process.exit(1)
    }, stopLimit).unref()
    stop.resolve(undefined)
  }
  // A terminal's Ctrl C reaches the engine and, through whoever started it, may reach it again: that is still one stop.
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, end)

  await using stack = new AsyncDisposableStack()
  stack.use(openDataDir(config.dataDir))
  const log = createLog(config)
  const clock = systemClock
  const cluster = stack.use(await createCluster({ config, clock, log }))
  const removed = () => {
    stop.reject(new Error(`the data in ${config.dataDir} was removed while the engine ran: it ends, the data is lost`))
    end()
  }
  stack.use(watchDataDir({ dataDir: config.dataDir, removed, log }))
  const host = stack.use(
    createHost({
      status: cluster.status,
      transport: cluster.transport,
      openExec: cluster.openExec,
      decision: cluster.decision,
      settingsFile: join(config.dataDir, 'settings.json'),
      clock,
      log,
    }),
  )
  const shell = parentPort()
  if (shell) stack.use(servePorts({ parent: shell, host, onQuit: end, log }))
  const window = shell ? '' : stack.use(await serveWindow({ config, host, log })).url

  const { server, kubeconfig, runtime, warnings } = cluster
  for (const warning of warnings) console.error(`warning: ${warning}`)
  const engine = { pid: process.pid, server, kubeconfig, window, runtime }
  writeRunning(config.dataDir, { ...engine, state: 'running' })
  console.log(`ready server=${server} kubeconfig=${kubeconfig} window=${window} runtime=${runtime}`)
  if (!config.headless && window) openBrowser(window)

  await stop.promise
  writeRunning(config.dataDir, { ...engine, state: 'stopping' })
}

/** The window for a browser, at the address where it was when this cluster last ran. */
async function serveWindow({ config, host, log }: { config: Config; host: Host; log: Logger }): Promise<WindowServer> {
  const file = join(config.dataDir, 'window-server.json')
  const kept = loadWindowAddress(file, log)
  const server = await createWindowServer({ host, root: page, address: kept, log })
  const { port, token } = server.address
  if (port !== kept.port || token !== kept.token) saveWindowAddress(file, server.address, log)
  return server
}

/** Makes the data directory if need be and takes its lock. One that is read-only, full or in use is refused by its name before anything is begun. */
function openDataDir(dataDir: string): Disposable {
  const probe = join(dataDir, `lock.${process.pid}`)
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 })
    try {
      writeFileSync(probe, Buffer.alloc(4096))
    } finally {
      rmSync(probe, { force: true })
    }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new Error(`--data-dir: ${dataDir} cannot be used: ${why}`, { cause: error })
  }
  return acquireLock(dataDir)
}

/** Opens an address in the user's browser where there is a desktop; whoever has none can use the printed address. */
function openBrowser(url: string): void {
  const { platform, env } = process
  if (platform === 'linux' && !env['DISPLAY'] && !env['WAYLAND_DISPLAY']) return
  const command = platform === 'darwin' ? 'open' : platform === 'win32' ? 'explorer' : 'xdg-open'
  spawn(command, [url], { stdio: 'ignore', detached: true })
    .on('error', () => console.error('No browser could be opened; use the address above.'))
    .unref()
}
