import { expect } from 'vitest'
import { containerConfig, sandboxConfig } from './pod/pod.fixture.ts'
import type { ContainerConfig, ContainerRecord, Runtime, RuntimeEvent, Sandbox, SandboxConfig } from './runtime.ts'

/** One runtime under test; the cases of one harness run one after the other and each leaves nothing behind. */
interface RuntimeHarness {
  runtime: Runtime
  /** A reference that `image()` or `pullImage()` knows. */
  image: string
  /** A command that runs until it is stopped, or ends at once with this code. */
  command: (exitCode?: number) => string[]
}

export interface RuntimeCase {
  name: string
  run: (harness: RuntimeHarness) => Promise<void>
}

const config = (uid: string): SandboxConfig => ({
  ...sandboxConfig,
  pod: { namespace: 'cases', name: `pod-${uid}`, uid },
  hostname: `pod-${uid}`,
})

async function container(
  harness: RuntimeHarness,
  sandbox: Sandbox,
  change: Partial<ContainerConfig> = {},
): Promise<string> {
  const { runtime, image, command } = harness
  const found =
    (await runtime.image(image)) ??
    (await runtime.pullImage(image, { onProgress() {}, signal: new AbortController().signal }))
  return runtime.createContainer(sandbox, {
    ...containerConfig,
    name: 'main',
    image,
    imageId: found.id,
    command: command(),
    ...change,
  })
}

/** Runs `work` in a fresh sandbox and removes it, whatever happens. */
async function inSandbox({ runtime }: RuntimeHarness, uid: string, work: (sandbox: Sandbox) => Promise<void>) {
  const sandbox = await runtime.runSandbox(config(uid))
  try {
    await work(sandbox)
  } finally {
    await runtime.removeSandbox(sandbox.id)
  }
}

/** Resolves with the event that matches, seen from now on. */
function nextEvent(runtime: Runtime, matches: (event: RuntimeEvent) => boolean): Promise<RuntimeEvent> {
  const { promise, resolve } = Promise.withResolvers<RuntimeEvent>()
  const subscription = runtime.subscribe(event => {
    if (matches(event)) resolve(event)
  })
  return promise.finally(() => subscription[Symbol.dispose]())
}

const of = (type: string, id: () => string) => (event: RuntimeEvent) =>
  event.type === type && 'containerId' in event && event.containerId === id()

async function ended({ runtime }: RuntimeHarness, id: string): Promise<ContainerRecord> {
  const died = nextEvent(
    runtime,
    of('died', () => id),
  )
  await runtime.startContainer(id)
  await died
  return runtime.inspectContainer(id)
}

/** The contract of Runtime, for `describe.each` or a loop over `it`. */
export const runtimeCases: RuntimeCase[] = [
  {
    name: 'a sandbox is ready with an IP, is listed, and can be stopped and removed twice',
    async run({ runtime }) {
      const sandbox = await runtime.runSandbox(config('sandbox'))
      expect(sandbox).toMatchObject({
        state: 'ready',
        attempt: 0,
        pod: { namespace: 'cases', name: 'pod-sandbox', uid: 'sandbox' },
      })
      expect(sandbox.ip).toMatch(/^\d+\.\d+\.\d+\.\d+$/)
      expect((await runtime.list()).sandboxes).toContainEqual(sandbox)
      await runtime.stopSandbox(sandbox.id)
      await runtime.stopSandbox(sandbox.id)
      expect((await runtime.list()).sandboxes.find(s => s.id === sandbox.id)).toMatchObject({
        state: 'notready',
        ip: '',
      })
      await runtime.removeSandbox(sandbox.id)
      await runtime.removeSandbox(sandbox.id)
      expect((await runtime.list()).sandboxes.some(s => s.id === sandbox.id)).toBe(false)
    },
  },
  {
    name: 'sandboxes that are ready at once have different IPs',
    run: harness =>
      inSandbox(harness, 'one', one =>
        inSandbox(harness, 'two', async two => {
          expect(one.ip).not.toBe(two.ip)
        }),
      ),
  },
  {
    name: 'a dead sandbox of the same attempt is replaced',
    async run({ runtime }) {
      const dead = await runtime.runSandbox(config('again'))
      await runtime.stopSandbox(dead.id)
      const sandbox = await runtime.runSandbox(config('again'))
      const listed = (await runtime.list()).sandboxes.filter(s => s.pod.uid === 'again')
      expect(listed).toEqual([sandbox])
      await runtime.removeSandbox(sandbox.id)
    },
  },
  {
    name: 'a container is created, runs, is stopped, and its record tells what it is',
    run: harness =>
      inSandbox(harness, 'life', async sandbox => {
        const { runtime } = harness
        const id = await container(harness, sandbox, { attempt: 3 })
        const created = await runtime.inspectContainer(id)
        expect(created).toMatchObject({
          id,
          name: 'main',
          attempt: 3,
          hash: 'cafe',
          image: harness.image,
          state: 'created',
          sandboxId: sandbox.id,
          startedAt: 0,
        })
        expect(created.pod).toEqual(sandbox.pod)
        await runtime.startContainer(id)
        const running = await runtime.inspectContainer(id)
        expect(running).toMatchObject({ state: 'running', finishedAt: 0 })
        expect(running.startedAt).toBeGreaterThanOrEqual(created.createdAt)
        await runtime.stopContainer(id, 1)
        await runtime.stopContainer(id, 1)
        const stopped = await runtime.inspectContainer(id)
        expect(stopped.state).toBe('exited')
        expect(stopped.finishedAt).toBeGreaterThanOrEqual(running.startedAt)
        expect((await runtime.list()).containers.find(c => c.id === id)).toEqual(stopped)
      }),
  },
  {
    name: 'an exit is an event and a record with code and reason',
    run: harness =>
      inSandbox(harness, 'exit', async sandbox => {
        const failed = await container(harness, sandbox, { name: 'failed', command: harness.command(3) })
        expect(await ended(harness, failed)).toMatchObject({ state: 'exited', exitCode: 3, reason: 'Error' })
        const completed = await container(harness, sandbox, { name: 'completed', command: harness.command(0) })
        expect(await ended(harness, completed)).toMatchObject({ state: 'exited', exitCode: 0, reason: 'Completed' })
      }),
  },
  {
    name: 'a start is an event that names the pod',
    run: harness =>
      inSandbox(harness, 'start', async sandbox => {
        const id = await container(harness, sandbox)
        const started = nextEvent(
          harness.runtime,
          of('started', () => id),
        )
        await harness.runtime.startContainer(id)
        expect(await started).toEqual({ type: 'started', containerId: id, podUid: 'start' })
      }),
  },
  {
    name: 'stopping a sandbox ends what runs in it, removing it removes its containers',
    async run(harness) {
      const { runtime } = harness
      const sandbox = await runtime.runSandbox(config('all'))
      const id = await container(harness, sandbox)
      await runtime.startContainer(id)
      await runtime.stopSandbox(sandbox.id)
      expect((await runtime.inspectContainer(id)).state).toBe('exited')
      await runtime.removeSandbox(sandbox.id)
      await expect(runtime.inspectContainer(id)).rejects.toThrow()
    },
  },
  {
    name: 'nobody attaches to a container that has ended',
    run: harness =>
      inSandbox(harness, 'attach', async sandbox => {
        const id = await container(harness, sandbox, { command: harness.command(0) })
        await ended(harness, id)
        const options = { stdin: false, stdout: true, stderr: true, tty: false }
        await expect(harness.runtime.attach(id, options)).rejects.toThrow('CONTAINER_EXITED')
      }),
  },
  {
    name: 'a port on which nothing listens is refused',
    run: harness =>
      inSandbox(harness, 'port', async sandbox => {
        const connect = async () => (await harness.runtime.portForward(sandbox.id, 9)).toArray()
        await expect(connect()).rejects.toThrow()
      }),
  },
  {
    name: 'an image that is not there is undefined',
    async run({ runtime }) {
      expect(await runtime.image('podbay.invalid/no/such/image:1')).toBeUndefined()
    },
  },
]
