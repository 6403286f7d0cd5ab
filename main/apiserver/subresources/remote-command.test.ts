import { expect, test } from 'vitest'
import type { ExecSession } from '../../../shared/machinery/streams.ts'
import type { Channel } from '../request.ts'
import { createRemoteCommand } from './remote-command.ts'

test('a client waits until the command has taken enough of its input', async () => {
  let paused = false
  let receive = (_: Buffer) => {}
  const channel: Channel = {
    protocol: 'v5.channel.k8s.io',
    send: () => Promise.resolve(),
    onMessage: listener => void (receive = listener),
    onClose() {},
    pause: () => void (paused = true),
    resume: () => void (paused = false),
    close() {},
  }
  const writes: (() => void)[] = []
  const session: ExecSession = {
    output: (async function* () {})(),
    write: () => new Promise(resolve => writes.push(resolve)),
    closeStdin() {},
    resize: () => Promise.resolve(),
    exitCode: Promise.resolve(0),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }
  createRemoteCommand(channel).attach(session)
  const input = (size: number) => receive(Buffer.concat([Buffer.from([0]), Buffer.alloc(size)]))
  const settle = () => new Promise(resolve => setImmediate(resolve))
  input(1)
  input(2 ** 20)
  input(2 ** 20)
  const seen: boolean[] = []
  for (let at = 0; at < 3; at++) {
    await settle()
    seen.push(paused)
    writes.shift()?.()
  }
  await settle()
  // Two mebibytes and a byte wait, then two, then one, then nothing.
  expect([...seen, paused]).toEqual([true, true, false, false])
})
