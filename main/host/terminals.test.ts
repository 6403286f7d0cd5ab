import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { silent } from '../../shared/machinery/log.ts'
import { badRequest } from '../../shared/machinery/status.ts'
import { processExec } from '../../test/helpers/process-exec.ts'
import { createTerminals, type Terminals } from './terminals.ts'

const where = { namespace: 'default', pod: 'web', container: 'app', width: 80, height: 24 }
const bytes = (text: string) => new TextEncoder().encode(text)

describe('terminals', () => {
  let exec = processExec()
  let terminals: Terminals
  beforeEach(() => {
    exec = processExec()
    terminals = createTerminals({ openExec: exec.openExec, log: silent })
  })
  afterEach(() => terminals[Symbol.asyncDispose]())

  it('runs a command and keeps its text and exit code after the end', async () => {
    const { id } = await terminals.open({ ...where, command: ['sh', '-c', 'echo hello; exit 3'] })
    expect(await textOf(terminals.attach(id))).toBe('hello\n')
    expect(terminals.list()).toMatchObject([{ id, state: 'ended', exitCode: 3, pod: 'web' }])
    expect(await textOf(terminals.attach(id))).toBe('hello\n')
  })

  it('passes input on and gives the output to everybody attached', async () => {
    const { id } = await terminals.open({ ...where, command: ['cat'] })
    const readers = [terminals.attach(id), terminals.attach(id)].map(stream => readUntil(stream, 'ping\n'))
    await terminals.write(id, bytes('ping\n'))
    expect(await Promise.all(readers)).toEqual(['ping\n', 'ping\n'])
  })

  it('outlives its reader: a later one gets what was missed', async () => {
    const { id } = await terminals.open({ ...where, command: ['cat'] })
    const first = readUntil(terminals.attach(id), 'one\n')
    await terminals.write(id, bytes('one\n'))
    await first
    await terminals.write(id, bytes('two\n'))
    expect(await readUntil(terminals.attach(id), 'two\n')).toBe('one\ntwo\n')
  })

  it('keeps 10,000 lines of a flood', async () => {
    const { id } = await terminals.open({ ...where, command: ['seq', '50000'] })
    await textOf(terminals.attach(id))
    const lines = (await textOf(terminals.attach(id))).trimEnd().split('\n')
    expect([lines.length, lines[0], lines.at(-1)]).toEqual([10_000, '40001', '50000'])
  })

  it('makes an endless command wait for its readers and ends it on close', async () => {
    const { id } = await terminals.open({ ...where, command: ['yes', 'a long line of output that fills buffers'] })
    const reading = terminals.attach(id)[Symbol.asyncIterator]()
    let got = 0
    while (got < 1 << 22) {
      const { value } = await reading.next()
      if (value instanceof Uint8Array) got += value.byteLength
    }
    await terminals.close(id)
    while (!(await reading.next()).done) continue
    expect(terminals.list()).toEqual([])
  })

  it('finds the shell itself', async () => {
    const { id, command } = await terminals.open(where)
    expect(command).toEqual(['bash'])
    await terminals.write(id, bytes('echo $0; exit\n'))
    expect(await textOf(terminals.attach(id))).toBe('bash\n')
  })

  it('falls back to sh, and says so when there is no shell at all', async () => {
    const only = (present: string[]) =>
      createTerminals({
        log: silent,
        openExec: async (target, options) => {
          if (!present.includes(options.command[0] ?? '')) throw badRequest('executable file not found')
          return exec.openExec(target, options)
        },
      })
    await using withSh = only(['sh'])
    expect(await withSh.open(where)).toMatchObject({ command: ['sh'] })
    await using without = only([])
    await expect(without.open(where)).rejects.toMatchObject({ code: 400 })
  })

  it('sizes the terminal within what one can have', async () => {
    const { id } = await terminals.open({ ...where, command: ['cat'] })
    await terminals.resize(id, { width: 1e9, height: Number.NaN })
    expect(exec.sizes).toEqual([
      { width: 80, height: 24 },
      { width: 1000, height: 1 },
    ])
  })

  it('refuses input after the end and ids it does not know', async () => {
    const { id } = await terminals.open({ ...where, command: ['true'] })
    await textOf(terminals.attach(id))
    await expect(terminals.write(id, bytes('x'))).rejects.toMatchObject({ code: 400 })
    await expect(terminals.write('nothing', bytes('x'))).rejects.toMatchObject({ code: 404 })
  })

  it('says why a session ended when there is no exit code', async () => {
    await using broken = createTerminals({
      log: silent,
      openExec: async () => ({
        // The connection to the runtime breaks in mid-session: no process of this machine does that.
        output: (async function* () {
          yield { stream: 'stdout' as const, data: bytes('text') }
          throw badRequest('the container is gone')
        })(),
        write: async () => undefined,
        closeStdin: () => undefined,
        resize: async () => undefined,
        exitCode: new Promise(() => undefined),
        [Symbol.asyncDispose]: async () => undefined,
      }),
    })
    const { id } = await broken.open({ ...where, command: ['sh'] })
    expect(await textOf(broken.attach(id))).toBe('text')
    expect(broken.list()).toMatchObject([{ state: 'ended', message: 'the container is gone' }])
  })
})

async function textOf(stream: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks = []
  for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

async function readUntil(stream: AsyncIterable<Uint8Array>, end: string): Promise<string> {
  let text = ''
  for await (const chunk of stream) {
    text += Buffer.from(chunk).toString()
    if (text.endsWith(end)) break
  }
  return text
}
