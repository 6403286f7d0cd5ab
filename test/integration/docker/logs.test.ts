import { beforeAll, describe, expect, it } from 'vitest'
import type { LogOptions } from '../../../shared/machinery/streams.ts'
import { withoutDocker } from '../../helpers/docker.ts'
import { clusterName, ended, execute, logsOf, runContainer, runSandbox, useTestNode } from './node.ts'

const cluster = clusterName('logs')
const lines = 60_000
/** Its first line tells that it runs; the others, 11 MB in the engine's files, come when a file is there. */
const script = `echo 0; while [ ! -e /go ]; do sleep 0.1; done
awk 'BEGIN { for (i = 1; i <= ${lines}; i++) print "${'x'.repeat(90)}", i }'`
const logRotation = { bytes: 2_500_000, files: 5 }

const count = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, at) => from + at)
const numbersOf = (text: string) => text.match(/\d+$/gm)?.map(Number)

describe.skipIf(withoutDocker)('logs of Docker containers', () => {
  const node = useTestNode(cluster)

  function follow(id: string, options: Partial<LogOptions> = {}): AsyncGenerator<Uint8Array> {
    const { signal } = new AbortController()
    return node.runtime.logs(id, { follow: true, timestamps: false, signal, ...options }) as AsyncGenerator<Uint8Array>
  }
  async function textOf(log: AsyncIterable<Uint8Array>): Promise<string> {
    const pieces = []
    for await (const piece of log) pieces.push(piece)
    return Buffer.concat(pieces).toString()
  }
  /** How many commands read a container's files. */
  const readers = async (id: string) =>
    Number(
      (await node.agent.run(`cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' '\\n' | grep -c '${id}-json[.]log'`))
        .output,
    )
  const next = async (log: AsyncGenerator<Uint8Array>) => Buffer.from((await log.next()).value as Uint8Array).toString()

  describe('of several files', () => {
    let id: string
    beforeAll(async () => {
      id = await runContainer(node, await runSandbox(node, 'files'), { command: ['sh', '-c', script], logRotation })
    })

    it('loses no line for any who follow it, and ends with the container', async () => {
      const slow = follow(id)
      const quick = count(1, 3).map(() => follow(id))
      for (const log of [slow, ...quick]) expect(await next(log)).toBe('0\n')
      await execute(node, id, ['touch', '/go'])
      const texts = quick.map(textOf)
      await ended(node, id)
      for (const text of [...texts, textOf(slow)]) expect(numbersOf(await text)).toEqual(count(1, lines))
    })

    it('is read whole', async () => {
      expect(numbersOf(await logsOf(node, id))).toEqual(count(0, lines))
    })

    it.each([0, 3, 7000, 40_000, lines + 1, lines + 2])('ends with its last %i lines', async tailLines => {
      const expected = tailLines === 0 ? undefined : count(Math.max(0, lines + 1 - tailLines), lines)
      expect(numbersOf(await logsOf(node, id, { tailLines }))).toEqual(expected)
      expect(numbersOf(await textOf(follow(id, { tailLines })))).toEqual(expected)
    })

    it('begins at a time', async () => {
      const dated = (await textOf(follow(id, { timestamps: true }))).trimEnd().split('\n')
      const from = (dated[30_000] ?? '').slice(0, '2000-01-01T00:00:00.000'.length)
      const since = Date.parse(`${from}Z`)
      const expected = dated
        .filter(line => line.slice(0, from.length) >= from)
        .map(line => Number(line.split(' ').at(-1)))
      expect(numbersOf(await logsOf(node, id, { since }))).toEqual(expected)
      expect(numbersOf(await textOf(follow(id, { since })))).toEqual(expected)
    })

    it('is cut off at a number of bytes', async () => {
      expect(await logsOf(node, id, { limitBytes: 12 })).toBe(`0\n${'x'.repeat(10)}`)
    })
  })

  it('has nothing of a reader that is gone', async () => {
    const id = await runContainer(node, await runSandbox(node, 'left'), {
      command: ['sh', '-c', 'echo here; cat'],
      stdin: true,
    })
    const leaving = new AbortController()
    const log = follow(id, { signal: leaving.signal })
    expect(await next(log)).toBe('here\n')
    expect(await readers(id)).toBe(1)
    leaving.abort()
    expect((await log.next()).done).toBe(true)
    while ((await readers(id)) > 0) continue
  })

  it("is the engine's to tell where the agent can't read its files", async () => {
    await node.agent.mustRun('rm "$(command -v perl)"')
    const command = ['sh', '-c', 'echo one; sleep 1; echo two']
    const id = await runContainer(node, await runSandbox(node, 'told'), { command })
    expect(await textOf(follow(id))).toBe('one\ntwo\n')
    expect(await logsOf(node, id, { tailLines: 1 })).toBe('two\n')
  })
})
