import { describe, expect, it } from 'vitest'
import { containerConfig, sandboxConfig } from '../pod/pod.fixture.ts'
import { runtimeCases } from '../runtime.cases.ts'
import { createSimulatedRuntime } from './simulated-runtime.ts'
import { createAddresses } from './addresses.ts'

const clock = { now: () => Date.now(), setTimeout: () => ({ [Symbol.dispose]() {} }) }

describe('simulated runtime', () => {
  for (const { name, run } of runtimeCases) {
    it(name, async () => {
      await using runtime = createSimulatedRuntime({
        clock,
        podCIDR: '10.244.1.0/24',
        process: ({ command }) =>
          command?.[0] === 'exit' ? Promise.resolve(Number(command[1])) : new Promise(() => {}),
      })
      const command = (code?: number) => (code === undefined ? ['run'] : ['exit', `${code}`])
      await run({ runtime, image: 'any:1', command })
    })
  }

  it('says in logs and exec that nothing runs', async () => {
    await using runtime = createSimulatedRuntime({ clock, podCIDR: '10.244.1.0/24' })
    const sandbox = await runtime.runSandbox(sandboxConfig)
    const id = await runtime.createContainer(sandbox, containerConfig)
    await runtime.startContainer(id)
    const said = 'Nothing runs on a simulated node: container "app" has no process.\n'
    const log = runtime.logs(id, { follow: true, timestamps: false, signal: new AbortController().signal })
    const chunks: string[] = []
    for await (const chunk of log) {
      chunks.push(Buffer.from(chunk).toString())
      runtime.exit(id, 0) // a followed log ends with its container
    }
    expect(chunks).toEqual([said])
    await using session = await runtime.exec(id, {
      command: ['sh'],
      stdin: false,
      stdout: true,
      stderr: true,
      tty: false,
    })
    for await (const { data } of session.output) expect(Buffer.from(data).toString()).toBe(said)
    expect(await session.exitCode).toBe(126)
  })

  it('gives out each address of its range once', () => {
    const addresses = createAddresses('10.0.0.0/29')
    expect([1, 2, 3, 4, 5].map(() => addresses.take())).toEqual([
      '10.0.0.2',
      '10.0.0.3',
      '10.0.0.4',
      '10.0.0.5',
      '10.0.0.6',
    ])
    expect(() => addresses.take()).toThrow('no IP addresses available in range 10.0.0.0/29')
    addresses.release('10.0.0.4')
    expect(addresses.take()).toBe('10.0.0.4')
  })
})
