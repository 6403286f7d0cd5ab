import { join } from 'node:path'
import type { HostStatus } from '../../../shared/contract/host.ts'
import { silent } from '../../../shared/machinery/log.ts'
import { createHost } from '../../../main/host/host.ts'
import { parentPort, servePorts } from '../../../main/host/serve-ports.ts'
import { processExec } from '../process-exec.ts'

/** An engine with the real Host and the real ports, and nothing behind them: what the shell needs to be tested alone. */
const parent = parentPort()
if (!parent) throw new Error('not started by the shell')
const refusal = process.env['DOUBLE_REFUSAL']
if (refusal) {
  process.stderr.write(`${refusal}\n`)
  process.exit(1)
}

const status: Omit<HostStatus, 'process'> = {
  cluster: 'double',
  version: 'v1.36.0',
  state: 'running',
  message: process.argv.slice(2).join(' '),
  server: 'https://127.0.0.1:6443',
  kubeconfig: '/data/kubeconfig',
  runtime: 'simulated',
  docker: { state: 'absent', version: '', message: '' },
}
const host = createHost({
  status: { current: () => status, subscribe: () => ({ [Symbol.dispose]: () => undefined }) },
  transport: {
    request: async () => Promise.reject(new Error('there is no cluster')),
    async *watch() {
      // No cluster, no events.
    },
    async *bytes() {
      // No cluster, no logs.
    },
  },
  openExec: processExec().openExec,
  decision: () => undefined,
  settingsFile: join(process.cwd(), 'settings.json'),
  clock: { now: Date.now, setTimeout: () => ({ [Symbol.dispose]: () => undefined }) },
  log: silent,
})
servePorts({ parent, host, log: silent, onQuit: () => process.exit(0) })
