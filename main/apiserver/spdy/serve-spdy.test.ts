import { once } from 'node:events'
import { duplexPair, type Duplex } from 'node:stream'
import { buffer, text } from 'node:stream/consumers'
import { constants, deflateSync, inflateSync } from 'node:zlib'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { control, controlFrame, dataHead, readFrames, type Frame } from './frames.ts'
import { headerDictionary } from './header-dictionary.ts'
import { execBytes, portForwardBytes } from './recordings.fixture.ts'
import { serveSpdy } from './serve-spdy.ts'

interface Opened {
  stream: Duplex
  headers: Record<string, string>
}

/** A server on one end of a connection; the test is the client on the other. */
function serve({ refuses = false } = {}) {
  const [client, connection] = duplexPair()
  const opened: Opened[] = []
  const closed = Promise.withResolvers<undefined>()
  const streams = new Map<string, PromiseWithResolvers<Duplex>>()
  const named = (name: string) => {
    const waiter = streams.get(name) ?? Promise.withResolvers<Duplex>()
    streams.set(name, waiter)
    return waiter
  }
  serveSpdy(connection, {
    accept(stream, headers) {
      if (refuses) return false
      opened.push({ stream, headers: Object.fromEntries(headers) })
      named(headers.get('streamtype') ?? '').resolve(stream)
      return true
    },
    closed: () => closed.resolve(undefined),
  })
  client.on('error', () => undefined)
  return { client, connection, opened, closed: closed.promise, stream: (name: string) => named(name).promise }
}

/** The frame that opens a stream, with headers packed by themselves. */
function syn(id: number, headers: Record<string, string>, packed = pack(headers)): Buffer {
  return controlFrame(control.synStream, [id, 0], Buffer.concat([Buffer.alloc(2), packed]))
}

function pack(headers: Record<string, string>): Buffer {
  const texts = Object.entries(headers).flat()
  const parts = texts.flatMap(part => [number(part.length), Buffer.from(part)])
  const block = Buffer.concat([number(texts.length / 2), ...parts])
  return deflateSync(block, { dictionary: headerDictionary, finishFlush: constants.Z_SYNC_FLUSH })
}

function number(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

async function frames(bytes: Buffer): Promise<Frame[]> {
  const found: Frame[] = []
  const chunks = (async function* () {
    yield bytes
  })()
  for await (const frame of readFrames(chunks)) found.push(frame)
  return found
}

test.each([1, 7, 4096])("kubectl's streams are opened, read and answered, in pieces of %i bytes", async size => {
  const { client, opened, closed, stream } = serve()
  for (let at = 0; at < execBytes.length; at += size) client.write(execBytes.subarray(at, at + size))
  expect(await text(await stream('stdin'))).toBe('hello\n')
  expect(opened.map(({ headers }) => headers)).toEqual(
    ['error', 'stdin', 'stdout', 'stderr'].map(streamtype => ({ streamtype })),
  )
  const stdout = await stream('stdout')
  stdout.write('out')
  stdout.end()
  client.end()
  const answers = await frames(await buffer(client))
  await closed
  const replies = answers.filter(frame => 'type' in frame && frame.type === control.synReply)
  expect(replies.map(frame => 'payload' in frame && frame.payload.readUInt32BE(0))).toEqual([1, 3, 5, 7])
  const packed = replies.map(frame => ('payload' in frame ? frame.payload.subarray(4) : Buffer.alloc(0)))
  const unpacked = inflateSync(Buffer.concat(packed), {
    dictionary: headerDictionary,
    finishFlush: constants.Z_SYNC_FLUSH,
  })
  // No headers, four times.
  expect(unpacked).toEqual(Buffer.alloc(16))
  const pings = answers.filter(frame => 'type' in frame && frame.type === control.ping)
  expect(pings).toMatchObject([{ payload: number(1) }])
  expect(answers.filter(frame => 'data' in frame)).toMatchObject([
    { stream: 5, data: Buffer.from('out'), fin: false },
    { stream: 5, data: Buffer.alloc(0), fin: true },
  ])
})

test("kubectl's port-forward opens pairs, ends one and resets the other", async () => {
  const { client, opened, closed } = serve()
  client.end(portForwardBytes)
  await closed
  expect(opened.map(({ headers }) => headers)).toEqual([
    { streamtype: 'error', port: '80', requestid: '0' },
    { streamtype: 'data', port: '80', requestid: '0' },
    { streamtype: 'error', port: '81', requestid: '1' },
    { streamtype: 'data', port: '81', requestid: '1' },
  ])
  expect(opened[1]?.stream.read()).toEqual(Buffer.from('GET / HTTP/1.0\r\n\r\n'))
  expect(opened.every(({ stream }) => stream.destroyed)).toBe(true)
})

test('a stream that nobody reads holds up the connection, and no more than it may', async () => {
  const { client, stream } = serve()
  client.write(syn(1, { streamtype: 'data' }))
  const data = await stream('data')
  const chunk = Buffer.alloc(16 * 1024, 'x')
  let sent = 0
  while (sent < 64) {
    sent++
    const ready = client.write(Buffer.concat([dataHead(1, chunk.length), chunk]))
    if (!ready) await Promise.race([once(client, 'drain'), new Promise(resolve => setImmediate(resolve))])
    if (client.writableNeedDrain) break
  }
  expect(sent).toBeLessThan(64)
  expect(data.readableLength).toBeLessThanOrEqual(5 * chunk.length)
  client.write(dataHead(1, 0, 1))
  expect((await buffer(data)).length).toBe(sent * chunk.length)
  client.destroy()
})

test('a stream that is destroyed is reset, one that is refused too', async () => {
  const { client, stream } = serve()
  client.write(syn(1, { streamtype: 'data' }))
  const data = await stream('data')
  data.destroy()
  client.end()
  expect((await frames(await buffer(client))).at(-1)).toMatchObject({ type: control.rstStream, payload: pair(1, 5) })
  const refusing = serve({ refuses: true })
  refusing.client.end(syn(1, { streamtype: 'data' }))
  expect(await frames(await buffer(refusing.client))).toMatchObject([{ type: control.rstStream, payload: pair(1, 3) }])
})

const pair = (...numbers: number[]) => Buffer.concat(numbers.map(number))

test('the thousand-and-first open stream is refused', async () => {
  const { client, opened } = serve()
  const texts = deflated(1001)
  client.end(Buffer.concat(texts.map((packed, at) => syn(2 * at + 1, {}, packed))))
  const answers = await frames(await buffer(client))
  expect(opened.length).toBe(1000)
  expect(answers.at(-1)).toMatchObject({ type: control.rstStream, payload: pair(2001, 3) })
})

/** As many blocks without headers, in one compressed stream: what follows the first is stored. */
function deflated(count: number): Buffer[] {
  const rest = Buffer.from([0, 4, 0, 0xfb, 0xff, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff])
  return Array.from({ length: count }, (_, at) => (at === 0 ? pack({}) : rest))
}

const bomb = deflateSync(Buffer.alloc(1 << 20), { dictionary: headerDictionary, finishFlush: constants.Z_SYNC_FLUSH })

test.each([
  ['another version', Buffer.from([0x80, 2, 0, 1, 0, 0, 0, 0])],
  ['an unknown frame', controlFrame(77, [1])],
  ['a control frame without end', Buffer.from([0x80, 3, 0, 1, 0, 0xff, 0xff, 0xff])],
  ['a control frame that is too short', controlFrame(control.ping, [])],
  ['a stream with the number of a server', syn(2, { streamtype: 'data' })],
  ['stream 0', syn(0, { streamtype: 'data' })],
  ['a stream that is opened twice', Buffer.concat([syn(1, {}), syn(1, {}, deflated(2)[1])])],
  ['headers that are not packed', syn(1, {}, Buffer.from('nonsense'))],
  ['headers that end too early', syn(1, {}, pack({ a: 'b' }).subarray(0, 12))],
  ['headers that unpack to a mebibyte', syn(1, {}, bomb)],
  ['more headers than there are', syn(1, {}, deflateSync(number(2 ** 32 - 1), { dictionary: headerDictionary }))],
])('a client that sends %s is let go', async (_, bytes) => {
  const { client, connection, closed } = serve()
  client.write(bytes)
  await closed
  expect(connection.destroyed).toBe(true)
})

test('what a client sends after the end of its stream is lost, and holds up nothing', async () => {
  const { client, stream } = serve()
  client.write(syn(1, { streamtype: 'data' }))
  const data = await stream('data')
  const late = Buffer.concat([dataHead(1, 4), Buffer.from('late')])
  client.write(Buffer.concat([dataHead(1, 2, 1), Buffer.from('ok'), late, late, dataHead(1, 0, 1)]))
  expect(await text(data)).toBe('ok')
  client.end(controlFrame(control.ping, [1]))
  expect((await frames(await buffer(client))).at(-1)).toMatchObject({ type: control.ping })
})

test('a client that goes takes its streams with it, even those that hold it up', async () => {
  const { client, connection, closed, stream } = serve()
  const chunk = Buffer.alloc(256 * 1024)
  client.write(Buffer.concat([syn(1, { streamtype: 'data' }), dataHead(1, chunk.length), chunk]))
  const data = await stream('data')
  while (data.readableLength === 0) await new Promise(resolve => setImmediate(resolve))
  connection.destroy()
  await closed
  expect(data.destroyed).toBe(true)
})

test('a client that goes takes its streams with it', async () => {
  const { client, closed, stream } = serve()
  client.write(syn(1, { streamtype: 'data' }))
  const data = await stream('data')
  client.destroy()
  await closed
  expect(data.destroyed).toBe(true)
  // Writing into the void is no error that anyone must handle.
  data.write('x')
})

test('whatever bytes come for frames, the connection ends with its client', async () => {
  const recording = fc.constantFrom(execBytes, portForwardBytes)
  const places = fc.array(fc.record({ at: fc.nat(), byte: fc.nat(255) }), { minLength: 1, maxLength: 8 })
  const property = fc.asyncProperty(recording, places, async (bytes, changes) => {
    const copy = Buffer.from(bytes)
    for (const { at, byte } of changes) copy[at % copy.length] = byte
    const { client, closed } = serve()
    client.resume()
    client.end(copy)
    await closed
  })
  await fc.assert(property, { numRuns: 500, seed: 1 })
})
