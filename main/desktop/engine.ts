import type { MessagePortMain } from 'electron'
import { quitMessage } from '../../shared/contract/shell.ts'
import type { Clock } from '../../shared/machinery/clock.ts'

/** electron.UtilityProcess, as far as the engine needs one. */
interface EngineProcess {
  postMessage(message: unknown, transfer?: MessagePortMain[]): void
  kill(): boolean
  once(event: 'exit', listener: (code: number) => void): unknown
  readonly stderr: NodeJS.ReadableStream | null
}

/** The engine process, kept running until `stop`. */
export interface Engine {
  /** Hands one end of a channel to the engine; closes it at once while there is no engine to take it. */
  connect(port: MessagePortMain): void
  /** Asks the engine to stop and resolves when it is gone; ends it, and waits no longer, after five seconds. */
  stop(): Promise<void>
  /** Does not wait any longer if it waits to start a crashed engine again. */
  retry(): void
}

interface EngineOptions {
  /** Starts a process. */
  fork: () => EngineProcess
  clock: Clock
  /** It ended unasked and is started again after `delay` ms. `words`: the last of what it wrote to stderr. */
  onCrash: (crash: Crash) => void
  /** A new process is there: time to connect. */
  onStart: () => void
}

export interface Crash {
  code: number
  words: string
  delay: number
  ranFor: number
}

/** As Kubernetes starts a crashing container again: doubling, capped, and from the beginning after a good while. */
const firstDelay = 500
const maxDelay = 30_000
const goodWhile = 60_000
const grace = 5_000
const maxWords = 4096

export function createEngine({ fork, clock, onCrash, onStart }: EngineOptions): Engine {
  let running: EngineProcess | undefined
  let delay = firstDelay
  let waiting: Disposable | undefined
  let gone = Promise.withResolvers<true>()
  let stopped = false

  function start(): void {
    waiting = undefined
    const child = fork()
    const startedAt = clock.now()
    let words = ''
    running = child
    gone = Promise.withResolvers()
    child.stderr?.setEncoding('utf8')
    child.stderr?.on('data', (text: string) => (words = (words + text).slice(-maxWords)))
    child.once('exit', code => {
      running = undefined
      gone.resolve(true)
      if (stopped) return
      const ranFor = clock.now() - startedAt
      if (ranFor >= goodWhile) delay = firstDelay
      onCrash({ code, words, delay, ranFor })
      waiting = clock.setTimeout(start, delay)
      delay = Math.min(delay * 2, maxDelay)
    })
    onStart()
  }
  start()

  return {
    retry() {
      if (!waiting) return
      waiting[Symbol.dispose]()
      start()
    },
    connect(port) {
      if (running) running.postMessage(undefined, [port])
      else port.close()
    },
    async stop() {
      stopped = true
      waiting?.[Symbol.dispose]()
      waiting = undefined
      const child = running
      if (!child) return
      child.postMessage(quitMessage)
      using _ = clock.setTimeout(() => {
        child.kill()
        // Should even that not reach it: Chromium takes its child processes along when this one exits.
        gone.resolve(true)
      }, grace)
      await gone.promise
    },
  }
}
