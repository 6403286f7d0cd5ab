import { expect, it } from 'vitest'
import { demultiplex } from './demultiplex.ts'

function frame(type: number, text: string): Buffer {
  const header = Buffer.from([type, 0, 0, 0, 0, 0, 0, 0])
  header.writeUInt32BE(text.length, 4)
  return Buffer.concat([header, Buffer.from(text)])
}

async function read(chunks: Uint8Array[]): Promise<{ stdout: string; stderr: string }> {
  const seen = { stdout: '', stderr: '' }
  for await (const { stream, data } of demultiplex(
    (async function* () {
      yield* chunks
    })(),
  ))
    seen[stream] += Buffer.from(data).toString()
  return seen
}

const whole = Buffer.concat([frame(1, 'out'), frame(2, 'fault'), frame(1, ''), frame(1, 'more')])
const expected = { stdout: 'outmore', stderr: 'fault' }

it('separates the two streams', async () => {
  expect(await read([whole])).toEqual(expected)
})

it('does not care where chunks are cut', async () => {
  for (let size = 1; size < whole.length; size++) {
    const chunks = Array.from({ length: Math.ceil(whole.length / size) }, (_, n) =>
      whole.subarray(n * size, (n + 1) * size),
    )
    expect(await read(chunks)).toEqual(expected)
  }
})

it('passes a frame on before all of it is there', async () => {
  const source = demultiplex(
    (async function* () {
      yield frame(1, 'x'.repeat(1000)).subarray(0, 100)
      throw new Error('the rest was asked for')
    })(),
  )
  const first = await source[Symbol.asyncIterator]().next()
  expect(first.value).toMatchObject({ stream: 'stdout', data: { length: 92 } })
})
