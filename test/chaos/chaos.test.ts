import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readConfig } from '../../main/config.ts'
import type { ConfigMap, Pod } from '../../shared/api/core.ts'
import type { KubeList, KubeObject } from '../../shared/api/object.ts'
import { createApi, type Api } from '../helpers/api.ts'
import { podbay, startEngine, type Engine } from '../helpers/engine.ts'
import { eventually } from '../helpers/eventually.ts'
import { createKubectl } from '../helpers/kubectl.ts'
import { disaster } from './disasters.ts'
import { leftovers, violations } from './invariants.ts'
import { createLedger } from './ledger.ts'
import { dockerNode } from './manifests.ts'
import { isOver } from './pod-invariants.ts'
import { createPrivateDocker } from './private-docker.ts'
import { createChoices } from './random.ts'
import { createWatcher } from './watcher.ts'
import * as writers from './writers.ts'
import { apply, paths } from './writers.ts'

const { PODBAY_CHAOS_DIRECTORY: directory, PODBAY_CHAOS_SEED: seed = '' } = process.env
const seconds = Number(process.env['PODBAY_CHAOS_SECONDS'])
if (directory === undefined) throw new Error('this kills a Docker daemon of its own: npm run test:chaos')

const { agentImage } = readConfig({ argv: ['up'], env: {}, platform: process.platform })
const cluster = `chaos-${seed}`
const dataDir = join(directory, 'data')
const firstNode = `${cluster}-node`
const otherNodes = ['second', 'third']
const nodes = [firstNode, ...otherNodes]
const manifests = join(dataDir, 'manifests', firstNode)
const webs = ['web-0', 'web-1', 'web-2']
const say = (line: string) => process.stdout.write(`${new Date().toISOString()} ${line}\n`)

describe(`disasters for ${seconds} s, PODBAY_CHAOS_SEED=${seed}`, () => {
  const docker = createPrivateDocker(join(directory, 'docker'))
  // A name of its own for each, since their turns come as it happens.
  const choices = (name: string) => createChoices(seed, name)
  let engine: Engine
  let api: Api

  async function start() {
    const flags = ['--secure-port', '6443']
    engine = await startEngine({ name: cluster, dataDir, flags, env: { DOCKER_HOST: docker.host } })
  }
  const list = async <T extends KubeObject>(path: string) => JSON.parse((await api.ask(path)).text) as KubeList<T>

  beforeAll(async () => {
    await docker.start(false)
    await docker.load(['podbay.test/shell:1', 'podbay.test/http:1', agentImage])
    await start()
    api = createApi(engine.kubeconfig)
    for (const name of otherNodes) await apply(api, paths.nodes, dockerNode(name))
    mkdirSync(manifests, { recursive: true })
  })
  afterAll(() => api[Symbol.dispose]())

  it('lose no write, tell every watcher, and leave each pod exactly its containers', async () => {
    const ledger = createLedger()
    const done = new AbortController()
    await using mapWatcher = await createWatcher(api, paths.maps)
    await using podWatcher = await createWatcher(api, paths.pods)
    const writing = (name: string) => ({ api, choices: choices(name), signal: done.signal })
    const written = Promise.all([
      ...['a', 'b', 'c'].map(name => writers.writeCounts(name, ledger, writing(name))),
      writers.writeDeployments(webs, writing('deployments')),
      writers.writeStatefulSet('keeper', writing('stateful set')),
      writers.writeJobs(writing('jobs')),
      writers.writePods(writing('pods')),
      writers.writeManifest(join(manifests, 'beacon.yaml'), writing('manifest')),
    ])
    const kubectl = () => createKubectl(engine.kubeconfig)
    const victims = { docker, engine: () => engine, startEngine: start, kubectl, nodes: otherNodes }
    const chance = choices('disasters')
    const end = Date.now() + seconds * 1000
    let count = 0
    for (; Date.now() < end; count++) {
      await wait(500 + chance.number(6_000))
      say(await disaster(victims, chance))
    }
    done.abort()
    await written
    say(`${count} disasters, ${ledger.revisions.length} writes, ${mapWatcher.resumed} resumed watches`)

    expect(ledger.backwards).toEqual([])
    expect(ledger.lost(await list<ConfigMap>(paths.maps))).toEqual([])
    await eventually(
      async () => expect(await violations({ api, docker: docker.docker, cluster, nodes })).toEqual([]),
      180_000,
    )
    say('at rest')
    await eventually(async () => {
      expect(mapWatcher.differences(await list(paths.maps))).toEqual([])
      expect(podWatcher.differences(await list(paths.pods))).toEqual([])
    })
    for (const { revisions } of [mapWatcher, podWatcher])
      expect(revisions).toEqual([...new Set(revisions)].toSorted((a, b) => a - b))
    const told = new Set(mapWatcher.revisions)
    expect(ledger.revisions.filter(revision => !told.has(revision))).toEqual([])
  })

  it('leave every pod able to reach every Service', async () => {
    const kubectl = createKubectl(engine.kubeconfig)
    const running = (await list<Pod>(paths.pods)).items.filter(pod => !isOver(pod))
    for (const { metadata } of running) {
      for (const web of webs) {
        const answer = await kubectl.ok(['exec', metadata.name, '--', 'curl', '-sf', '-m', '5', `http://${web}/`])
        expect(answer, `${metadata.name} asks ${web}`).toContain(web)
      }
    }
  })

  it('leave every claim the data of its pod', async () => {
    const kubectl = createKubectl(engine.kubeconfig)
    const keepers = (await list<Pod>(paths.pods)).items.filter(({ metadata }) => metadata.labels?.['app'] === 'keeper')
    for (const { metadata } of keepers) {
      const written = await kubectl.ok(['exec', metadata.name, '--', 'sort', '-u', '/data/names'])
      expect(written).toBe(`${metadata.name}\n`)
    }
  })

  it('leave nothing behind when the cluster is deleted', async () => {
    expect(await engine.end('SIGTERM')).toBe(0)
    process.env['DOCKER_HOST'] = docker.host
    const { code, stderr } = podbay('delete', '--name', cluster, '--data-dir', dataDir)
    expect(code, stderr).toBe(0)
    expect(await leftovers({ docker: docker.docker, cluster })).toEqual([])
  })
})
