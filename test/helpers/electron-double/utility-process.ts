import { fork, type ChildProcess } from 'node:child_process'
import { EventEmitter } from 'node:events'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { createRelay, type Port, type RelayMessage } from './ports.ts'

/** Stands in for electron.UtilityProcess: a real child process whose `process.parentPort` utility-child.ts provides. */
class UtilityProcess extends EventEmitter {
  readonly stderr: Readable | null
  readonly pid: number | undefined
  readonly #child: ChildProcess
  readonly #relay = createRelay(message => this.#send(message))

  constructor(path: string, args: string[]) {
    super()
    const bootstrap = join(import.meta.dirname, 'utility-child.ts')
    this.#child = fork(bootstrap, [path, ...args], {
      serialization: 'advanced',
      stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
    })
    this.stderr = this.#child.stderr
    this.pid = this.#child.pid
    this.#child.on('message', message => this.#relay.receive(message as RelayMessage))
    this.#child.on('exit', (code, signal) => {
      this.#relay.closeAll()
      this.emit('exit', code ?? (signal ? 1 : 0))
    })
  }

  postMessage(data: unknown, transfer: Port[] = []): void {
    this.#send({ data, ports: transfer.map(port => this.#relay.adopt(port)) })
  }

  kill(): boolean {
    return this.#child.kill()
  }

  #send(message: unknown): void {
    if (this.#child.connected) this.#child.send(message as object)
  }
}

const started: UtilityProcess[] = []

/** Every process that was forked, oldest first. */
export function utilityProcesses(): readonly UtilityProcess[] {
  return started
}

export const utilityProcess = {
  fork(path: string, args: string[] = []): UtilityProcess {
    const child = new UtilityProcess(path, args)
    started.push(child)
    return child
  },
}
