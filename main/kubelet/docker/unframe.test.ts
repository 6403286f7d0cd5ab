import { expect, it } from 'vitest'
import { createUnframe } from './unframe.ts'

function frame(type: number, text: string): Buffer {
  const header = Buffer.from([type, 0, 0, 0, 0, 0, 0, 0])
  header.writeUInt32BE(text.length, 4)
  return Buffer.concat([header, Buffer.from(text)])
}

const long = 'x'.repeat(70_000)
const whole = () =>
  Buffer.concat([frame(1, 'out\n'), frame(2, 'fault\n'), frame(1, ''), frame(1, long), frame(2, '\n')])
const expected = `out\nfault\n${long}\n`

it('gives what all frames of a piece hold as one piece', () => {
  expect(Buffer.from(createUnframe()(whole())).toString()).toBe(expected)
})

it.each([1, 2, 3, 7, 8, 9, 13, 65_536])('does not care where pieces are cut, every %i bytes', size => {
  const unframe = createUnframe()
  const bytes = whole()
  let text = ''
  for (let at = 0; at < bytes.length; at += size)
    text += Buffer.from(unframe(Buffer.from(bytes.subarray(at, at + size)))).toString()
  expect(text).toBe(expected)
})
