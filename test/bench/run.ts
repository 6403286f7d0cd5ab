import { arch, cpus, release, totalmem } from 'node:os'
import { withoutDocker } from '../helpers/docker.ts'
import { benchApi } from './api.ts'
import { benchLogs } from './logs.ts'
import type { Row } from './measure.ts'
import { benchPodStart } from './pod-start.ts'
import { benchScheduler } from './scheduler.ts'
import { benchStartup } from './startup.ts'
import { benchStore } from './store.ts'

// Prints the machine and every figure as Markdown, ready for docs/benchmarks.md. A word as argument picks one part.
const parts: Record<string, () => Promise<Row[]>> = {
  startup: benchStartup,
  store: benchStore,
  api: benchApi,
  scheduler: benchScheduler,
  'pod-start': benchPodStart,
  logs: benchLogs,
}
const needDocker = ['pod-start', 'logs']
const [only] = process.argv.slice(2)
const chosen = Object.entries(parts).filter(([name]) => only === undefined || name === only)

const [cpu] = cpus()
const memory = Math.round(totalmem() / 2 ** 30)
console.log(
  `Node ${process.version} on Linux ${release()} ${arch()}, ${cpus().length} x ${cpu?.model ?? 'unknown CPU'}, ${memory} GiB\n`,
)
console.log('| what | measured | aim |\n| --- | ---: | --- |')
for (const [name, bench] of chosen) {
  if (withoutDocker && needDocker.includes(name)) {
    console.log(`| ${name} | not measured: ${withoutDocker} | |`)
    continue
  }
  for (const { name: what, value, unit, aim } of await bench()) {
    console.log(`| ${what} | ${value.toLocaleString('en', { maximumFractionDigits: 1 })} ${unit} | ${aim ?? ''} |`)
  }
}
