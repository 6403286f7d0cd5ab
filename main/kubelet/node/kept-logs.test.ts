import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { silent } from '../../../shared/machinery/log.ts'
import { createFakeClock } from '../../../test/helpers/fake-clock.ts'
import { createKeptLogs } from './kept-logs.ts'
import type { LogFiles } from '../container/log-files.ts'
import { containerConfig, sandboxConfig } from '../pod/pod.fixture.ts'
import type { ContainerRecord, Runtime } from '../runtime.ts'
import { createSimulatedRuntime } from '../simulated/simulated-runtime.ts'

const { namespace, name, uid } = sandboxConfig.pod
let directory: string
let runtime: Runtime

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'podbay-kept-logs-'))
  runtime = createSimulatedRuntime({ clock: createFakeClock(), podCIDR: '10.244.1.0/24' })
})
afterEach(async () => {
  await runtime[Symbol.asyncDispose]()
  rmSync(directory, { recursive: true })
})

function keptLogs({ container = 1000, node = 10_000, files = 10 } = {}) {
  const limits = { container, node, files }
  return createKeptLogs({ directory, runtime, clock: createFakeClock(), log: silent, limits })
}

/** A container that has said `text`. */
async function container(containerName: string, text: string): Promise<ContainerRecord> {
  const sandbox = await runtime.runSandbox(sandboxConfig)
  const id = await runtime.createContainer(sandbox, { ...containerConfig, name: containerName })
  await runtime.startContainer(id)
  runtime.logs = async function* () {
    for (let at = 0; at < text.length; at += 7) yield Buffer.from(text.slice(at, at + 7))
  }
  return runtime.inspectContainer(id)
}

async function contentOf(files: LogFiles, path: string): Promise<string | undefined> {
  const found = await files.open(path)
  if (!found || !('content' in found)) return undefined
  let text = ''
  for await (const chunk of found.content) text += Buffer.from(chunk).toString()
  return text
}

const pathOf = (containerName: string) => `pods/${namespace}_${name}_${uid}/${containerName}/0.log`

it('keeps what a container said, for its owner alone', async () => {
  const { files, keep } = keptLogs()
  await keep(await container('app', 'one\ntwo\n'))
  expect(await contentOf(files, pathOf('app'))).toBe('one\ntwo\n')
  expect(await files.open('pods')).toEqual({ names: [`${namespace}_${name}_${uid}/`] })
  expect(statSync(join(directory, pathOf('app'))).mode & 0o777).toBe(0o600)
})

it('keeps the last whole lines of a long log', async () => {
  const { files, keep } = keptLogs({ container: 20 })
  await keep(await container('app', Array.from({ length: 50 }, (_, n) => `line ${n}\n`).join('')))
  expect(await contentOf(files, pathOf('app'))).toBe('line 48\nline 49\n')
})

it('drops the oldest, those of an earlier engine too', async () => {
  const limits = { container: 20, node: 20 }
  await keptLogs(limits).keep(await container('first', 'the first\n'))
  await keptLogs(limits).keep(await container('second', 'the second\n'))
  const { files, keep } = keptLogs(limits)
  await keep(await container('third', 'third\n'))
  expect(await contentOf(files, pathOf('first'))).toBeUndefined()
  expect([await contentOf(files, pathOf('second')), await contentOf(files, pathOf('third'))]).toEqual([
    'the second\n',
    'third\n',
  ])
})

it('keeps no more files than it may', async () => {
  const { files, keep } = keptLogs({ files: 1 })
  for (const name of ['first', 'second']) await keep(await container(name, 'x\n'))
  const kept = await Promise.all(['first', 'second'].map(name => contentOf(files, pathOf(name))))
  expect(kept).toEqual([undefined, 'x\n'])
})

it('keeps once what it is given twice', async () => {
  const { files, keep } = keptLogs({ node: 10 })
  const again = await container('app', 'said\n')
  for (const record of [again, again, await container('other', 'said\n')]) await keep(record)
  expect(await contentOf(files, pathOf('app'))).toBe('said\n')
})

it('lets a container go whose log cannot be read', async () => {
  const { files, keep } = keptLogs()
  const record = await container('app', '')
  runtime.logs = () => {
    throw new Error('no engine')
  }
  await keep(record)
  expect(await files.open('pods')).toBeUndefined()
})

it('tells of nothing outside its directory', async () => {
  const { files } = keptLogs()
  expect(await files.open('../../etc')).toBeUndefined()
})
