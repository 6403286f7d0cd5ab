import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import Docker from 'dockerode'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Node, Pod } from '../../shared/api/core.ts'
import type { KubeList, KubeObject } from '../../shared/api/object.ts'
import { createApi, type Api } from '../helpers/api.ts'
import { withoutDocker } from '../helpers/docker.ts'
import { createDockerOutage } from '../helpers/docker-outage.ts'
import { podbay, startEngine, type Engine } from '../helpers/engine.ts'
import { eventually } from '../helpers/eventually.ts'
import { createKubectl, type Kubectl } from '../helpers/kubectl.ts'
import { podNamed } from '../helpers/pod-named.ts'
import { shellPod, untilEnded } from '../helpers/shell-pod.ts'
import { openHost } from '../helpers/window-host.ts'

const directory = mkdtempSync(join(tmpdir(), 'podbay-bad-luck-'))
afterAll(() => rmSync(directory, { recursive: true }))

const simulated = ['--runtime', 'simulated']
const maps = '/api/v1/namespaces/default/configmaps'

const readiness = ({ status }: Pod | Node) => status?.conditions?.find(({ type }) => type === 'Ready')
describe('a start that cannot succeed', () => {
  const dataDir = join(directory, 'refused')
  const name = 'refused'
  const file = join(directory, 'a-file')
  let running: Engine | undefined

  beforeAll(() => writeFileSync(file, ''))
  afterEach(async () => {
    await running?.end('SIGTERM')
    running = undefined
  })
  const refusal = async (flags: string[]): Promise<string> => {
    const started = startEngine({ name, dataDir, flags: [...simulated, ...flags] })
    return started.then(
      async engine => {
        await engine.end('SIGKILL')
        return 'it started'
      },
      (error: unknown) => (error as Error).message,
    )
  }

  it('names the engine that has the data directory', async () => {
    running = await startEngine({ name, dataDir, flags: simulated })
    expect(await refusal([])).toContain(`${dataDir} is in use by another engine (pid ${running.pid})`)
    expect(podbay('status', '--name', name, '--data-dir', dataDir).stdout).toContain(`runs: pid=${running.pid}`)
  })

  it('names the port that is taken; without a wish the next free one is used', async () => {
    const occupier = createServer().listen(6443, '127.0.0.1')
    // Taken by someone else already: just as well.
    await Promise.race([once(occupier, 'listening'), once(occupier, 'error')])
    try {
      expect(await refusal(['--secure-port', '6443'])).toContain('--secure-port: port 6443 is taken')
      running = await startEngine({ name, dataDir, flags: [...simulated, '--secure-port', ''] })
      const port = Number(new URL(running.server).port)
      expect(port).toBeGreaterThan(6443)
      expect(port).toBeLessThan(6443 + 20)
    } finally {
      occupier.close()
    }
  })

  it.each([
    [
      'a file where the directory would be',
      ['--data-dir', join(file, 'below')],
      1,
      `--data-dir: ${join(file, 'below')}`,
    ],
    ['an unknown flag', ['--colour'], 2, "Unknown option '--colour'"],
    ['a port that is none', ['--secure-port', '1e3'], 2, '--secure-port: "1e3"'],
    [
      'a range that is none',
      ['--service-cluster-ip-range', '999.0.0.0/8'],
      2,
      '--service-cluster-ip-range: "999.0.0.0/8"',
    ],
    ['a node name that is none', ['--node-name', 'X_Y'], 2, '--node-name: "X_Y"'],
  ])('%s', (_, flags, code, says) => {
    const ended = podbay('up', '--headless', '--data-dir', dataDir, ...simulated, ...flags)
    expect(ended.stderr).toContain(says)
    expect(ended.stderr).not.toContain('    at ')
    expect(ended.code).toBe(code)
  })

  it.each([
    ['broken YAML', 'runtime: [1\n', 'config.yaml: '],
    ['an unknown setting', 'colour: red\n', 'unknown settings colour'],
    ['a wrong value', 'log-level: loud\n', '--log-level: "loud"'],
  ])('a configuration file with %s', (_, text, says) => {
    const bad = mkdtempSync(join(directory, 'config-'))
    writeFileSync(join(bad, 'config.yaml'), text)
    const ended = podbay('up', '--headless', '--data-dir', bad)
    expect(ended.stderr).toContain(says)
    expect(ended.code).toBe(2)
  })

  it('leaves a kubeconfig alone that holds other clusters', async () => {
    const kubeconfig = join(directory, 'mine')
    running = await startEngine({ name, dataDir, flags: [...simulated, '--kubeconfig', kubeconfig] })
    await running.end('SIGTERM')
    // Its own it may replace, and does: ports change.
    running = await startEngine({ name, dataDir, flags: [...simulated, '--kubeconfig', kubeconfig] })
    expect(readFileSync(kubeconfig, 'utf8')).toContain(running.server)
    await running.end('SIGTERM')

    const other = createKubectl(kubeconfig)
    await other.ok(['config', 'set-cluster', 'production', '--server=https://production.example'])
    const before = readFileSync(kubeconfig, 'utf8')
    expect(await refusal(['--kubeconfig', kubeconfig])).toContain(`--kubeconfig: ${kubeconfig} holds more than`)
    const removal = podbay('delete', '--name', name, '--data-dir', dataDir, '--kubeconfig', kubeconfig, ...simulated)
    expect(removal).toMatchObject({ code: 0 })
    expect(readFileSync(kubeconfig, 'utf8')).toBe(before)
  })
})

describe('kill -9 of the engine', () => {
  const dataDir = join(directory, 'killed')
  const name = 'killed'
  const rounds = 4
  const writers = 3
  const start = () => startEngine({ name, dataDir, flags: simulated })
  let engine: Engine
  let api: Api

  beforeAll(async () => {
    engine = await start()
    api = createApi(engine.kubeconfig)
  })
  afterAll(async () => {
    api[Symbol.dispose]()
    await engine.end('SIGTERM')
  })
  const list = async () => JSON.parse((await api.ask(maps)).text) as KubeList<KubeObject & { data: { count: string } }>

  /** Writes until the connection breaks; tells of what was acknowledged. */
  async function write(round: number, writer: number, acknowledged: (object: KubeObject) => void): Promise<void> {
    const object = (count: number) => ({ metadata: { name: `w-${round}-${writer}` }, data: { count: String(count) } })
    for (let count = 0; ; count++) {
      const path = count === 0 ? maps : `${maps}/w-${round}-${writer}`
      const answer = await api
        .ask(path, { method: count === 0 ? 'POST' : 'PUT', body: object(count) })
        .catch(() => undefined)
      if (!answer) return
      expect(answer.status).toBe(count === 0 ? 201 : 200)
      acknowledged(JSON.parse(answer.text) as KubeObject)
    }
  }

  /** The revisions that a watch from `since` tells, up to `last`. */
  async function watched(since: number, last: number): Promise<number[]> {
    const stream = await api.open(`${maps}?watch=1&resourceVersion=${since}`)
    const revisions: number[] = []
    for await (const line of createInterface({ input: stream })) {
      const { object } = JSON.parse(line) as { object: KubeObject }
      revisions.push(Number(object.metadata.resourceVersion))
      if ((revisions.at(-1) ?? 0) >= last) break
    }
    stream.destroy()
    return revisions
  }

  it.each(Array.from({ length: rounds }, (_, round) => round))('loses nothing acknowledged (round %i)', async round => {
    const since = Number((await list()).metadata.resourceVersion)
    const acknowledged: KubeObject[] = []
    const enough = Promise.withResolvers<undefined>()
    const target = 20 + Math.floor(Math.random() * 300)
    const writing = Array.from({ length: writers }, (_, writer) =>
      write(round, writer, object => {
        acknowledged.push(object)
        if (acknowledged.length === target) enough.resolve(undefined)
      }),
    )
    await enough.promise
    await engine.end('SIGKILL')
    await Promise.all(writing)
    api[Symbol.dispose]()

    engine = await start()
    api = createApi(engine.kubeconfig)
    const revisions = acknowledged.map(({ metadata }) => Number(metadata.resourceVersion))
    const last = Math.max(...revisions)
    const now = await list()
    expect(Number(now.metadata.resourceVersion)).toBeGreaterThanOrEqual(last)
    for (let writer = 0; writer < writers; writer++) {
      const mine = acknowledged.filter(({ metadata }) => metadata.name === `w-${round}-${writer}`)
      const stored = now.items.find(({ metadata }) => metadata.name === `w-${round}-${writer}`)
      // What was under way when the engine died may be there as well.
      expect(Number(stored?.data.count)).toBeGreaterThanOrEqual(mine.length - 1)
    }
    const told = await watched(since, last)
    expect(told).toEqual([...told].sort((a, b) => a - b))
    expect(told).toEqual(expect.arrayContaining(revisions))
    const next = await api.ask(maps, { method: 'POST', body: { metadata: { name: `after-${round}` } } })
    const { metadata } = JSON.parse(next.text) as KubeObject
    expect(Number(metadata.resourceVersion)).toBeGreaterThan(last)
  })
})

describe.skipIf(withoutDocker)('Docker out of reach', () => {
  const name = `outage-${process.pid}`
  const dataDir = join(directory, 'outage')
  const outage = createDockerOutage(join(directory, 'docker.sock'))
  const docker = new Docker()
  const labelled = { filters: { label: [`podbay.cluster=${name}`] } }
  let engine: Engine
  let kubectl: Kubectl

  const node = async () => JSON.parse(await kubectl.ok(['get', 'node', `${name}-node`, '-o', 'json'])) as Node
  const dockerStatus = async () => {
    using host = await openHost(engine.window)
    return (await host.status()).docker
  }
  const containers = async () => (await docker.listContainers(labelled)).map(({ Id }) => Id).sort()

  beforeAll(async () => {
    engine = await startEngine({ name, dataDir, env: { DOCKER_HOST: outage.host } })
    kubectl = createKubectl(engine.kubeconfig)
  })
  afterAll(async () => {
    await engine.end('SIGTERM')
    await outage[Symbol.asyncDispose]()
    podbay('delete', '--name', name, '--data-dir', dataDir)
  })

  it('is told by the node and the window, and pods wait', async () => {
    await eventually(async () => expect(readiness(await node())?.status).toBe('False'))
    expect(readiness(await node())?.message).toMatch(/container runtime is down: .*Docker.*running\?/)
    expect(await dockerStatus()).toMatchObject({
      state: 'unreachable',
      message: expect.stringMatching(/running\?/) as string,
    })
    await kubectl.ok(['apply', '-f', '-'], JSON.stringify(shellPod('patient', `echo begun; ${untilEnded}`)))
    expect((await podNamed(kubectl, 'patient')).status?.phase).toBe('Pending')
  })

  it('ends by itself when Docker is back', async () => {
    await outage.end()
    await kubectl.ok(['wait', 'pod/patient', '--for=condition=Ready', '--timeout=90s'])
    expect(readiness(await node())).toMatchObject({ status: 'True' })
    await eventually(async () => expect(await dockerStatus()).toMatchObject({ state: 'ready', message: '' }))
  })

  it('costs running pods nothing', async () => {
    const before = { pod: await podNamed(kubectl, 'patient'), containers: await containers() }
    const shell = kubectl.start(['exec', '-i', 'patient', '--', 'sh', '-c', 'echo ready; cat'])
    await once(shell.stdout, 'data')
    const shellEnded = once(shell, 'exit')
    await outage.begin()
    expect(await shellEnded).not.toEqual([0, null])
    await eventually(async () => expect(readiness(await node())?.status).toBe('False'))
    await eventually(async () => expect((await dockerStatus()).message).toMatch(/running\?/))
    await outage.end()
    await eventually(async () => expect(readiness(await node())?.status).toBe('True'))
    await kubectl.ok(['wait', 'pod/patient', '--for=condition=Ready', '--timeout=60s'])
    const after = await podNamed(kubectl, 'patient')
    expect(after.status?.containerStatuses).toEqual(before.pod.status?.containerStatuses)
    expect(await containers()).toEqual(before.containers)
    expect(await kubectl.ok(['exec', 'patient', '--', 'echo', 'still there'])).toBe('still there\n')
  })

  it('does not keep an engine from ending, nor do open streams', async () => {
    const api = createApi(engine.kubeconfig)
    const watch = await api.open('/api/v1/pods?watch=1')
    const streams = [
      kubectl.start(['logs', '-f', 'patient']),
      kubectl.start(['exec', '-i', 'patient', '--', 'sh', '-c', 'echo ready; cat']),
      kubectl.start(['get', 'pods', '-w']),
      kubectl.start(['port-forward', 'patient', ':80']),
    ]
    await Promise.all([once(watch, 'data'), ...streams.map(({ stdout }) => once(stdout, 'data'))])
    const ended = streams.map(stream => once(stream, 'exit'))
    // The engine itself cuts a stop short after five seconds, with another code.
    expect(await engine.end('SIGTERM')).toBe(0)
    await Promise.all(ended)
    api[Symbol.dispose]()
    engine = await startEngine({ name, dataDir, env: { DOCKER_HOST: outage.host } })
    await outage.begin()
    expect(await engine.end('SIGTERM')).toBe(0)
  })
})

describe.skipIf(withoutDocker)('two clusters on one Docker', () => {
  const docker = new Docker()
  const clusters = ['one', 'two'].map(which => {
    const name = `${which}-${process.pid}`
    return { name, dataDir: join(directory, which), at: ['--name', name, '--data-dir', join(directory, which)] }
  })
  const foreign = `foreign-${process.pid}`

  afterAll(async () => {
    for (const { at } of clusters) podbay('delete', ...at)
    await docker.getContainer(foreign).remove({ force: true })
    await docker.getNetwork(foreign).remove()
  })

  it('do not see each other, and one that is deleted takes nothing else along', async () => {
    await docker.createNetwork({ Name: foreign })
    await docker.createContainer({ name: foreign, Image: 'podbay.test/shell:1', Cmd: ['sleep', '600'] })
    await docker.getContainer(foreign).start()
    const [one, two] = await Promise.all(
      clusters.map(async cluster => {
        const engine = await startEngine(cluster)
        const kubectl = createKubectl(engine.kubeconfig)
        await kubectl.ok(['apply', '-f', '-'], JSON.stringify(shellPod('web')))
        await kubectl.ok(['wait', 'pod/web', '--for=condition=Ready', '--timeout=120s'])
        const labelled = { filters: { label: [`podbay.cluster=${cluster.name}`] } }
        return { ...cluster, engine, kubectl, containers: async () => (await docker.listContainers(labelled)).length }
      }),
    )
    if (!one || !two) throw new Error('there are two')
    expect(await one.kubectl.ok(['get', 'pods', '-A', '-o', 'name'])).toBe('pod/web\n')
    expect((await podNamed(one.kubectl, 'web')).metadata.uid).not.toBe(
      (await podNamed(two.kubectl, 'web')).metadata.uid,
    )
    const before = await two.containers()

    expect(podbay('delete', ...one.at)).toMatchObject({ code: 0 })
    expect(await one.engine.end('SIGTERM')).toBe(0)
    expect(await one.containers()).toBe(0)
    expect(await two.containers()).toBe(before)
    expect(await two.kubectl.ok(['exec', 'web', '--', 'echo', 'still there'])).toBe('still there\n')
    expect((await docker.getContainer(foreign).inspect()).State.Running).toBe(true)
    await docker.getNetwork(foreign).inspect()
    await two.engine.end('SIGTERM')
  })
})
