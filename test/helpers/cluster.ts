import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect } from 'vitest'
import type { KubeList, KubeObject } from '../../shared/api/object.ts'
import { podbay, startEngine, type Engine } from './engine.ts'
import { createKubectl, type Kubectl } from './kubectl.ts'

/** A cluster of one test file: its engine runs as a process of its own, and real kubectl speaks to it. */
export interface Cluster {
  /** No other process has a cluster of this name. */
  readonly name: string
  /** The name of its first node. */
  readonly node: string
  readonly dataDir: string
  readonly engine: Engine
  readonly kubectl: Kubectl
  /** Starts an engine for the same data, after the last one was ended. */
  readonly start: () => Promise<void>
  /** Runs a command of the CLI for this cluster to its end. */
  readonly podbay: (...args: string[]) => ReturnType<typeof podbay>
  /** `kubectl apply` of an object or of YAML; returns what kubectl said. */
  readonly apply: (manifest: object | string) => Promise<string>
  /** `kubectl get -o json` of one object. */
  readonly read: <T extends KubeObject>(...args: string[]) => Promise<T>
  /** `kubectl get -o json` of several. */
  readonly list: <T extends KubeObject>(...args: string[]) => Promise<T[]>
  /** Waits for pods to be ready. */
  readonly ready: (...pods: string[]) => Promise<string>
  /** What a script says that runs in a pod's first container; fails with its words unless it exits 0. */
  readonly inPod: (pod: string, script: string) => Promise<string>
}

interface Options {
  flags?: string[]
  /** Is run before the first engine starts. */
  prepare?: (cluster: Cluster) => void | Promise<void>
}

/** Flags of an engine whose pods run without containers. */
export const simulated = ['--runtime', 'simulated']

/** Gives the enclosing `describe` a cluster: started before its tests, and deleted with all that it left on Docker after them. */
export function useCluster(purpose: string, { flags = [], prepare }: Options = {}): Cluster {
  const name = `${purpose}-${process.pid}`
  let directory: string | undefined
  let engine: Engine | undefined
  let current: Kubectl | undefined

  const running = <T>(part: T | undefined): T => {
    if (part === undefined) throw new Error(`cluster ${name} has not been started`)
    return part
  }
  // One for all engines of the cluster, so that tests can take it before the first runs.
  const kubectl: Kubectl = {
    start: args => running(current).start(args),
    run: (args, stdin) => running(current).run(args, stdin),
    ok: (args, stdin) => running(current).ok(args, stdin),
  }
  const json = async (args: string[]) => JSON.parse(await kubectl.ok(['get', ...args, '-o', 'json'])) as unknown
  const cluster: Cluster = {
    name,
    node: `${name}-node`,
    get dataDir() {
      return join(running(directory), 'data')
    },
    get engine() {
      return running(engine)
    },
    kubectl,
    async start() {
      engine = await startEngine({ name, dataDir: cluster.dataDir, flags })
      current = createKubectl(engine.kubeconfig)
    },
    podbay: (...args) => podbay(...args, '--name', name, '--data-dir', cluster.dataDir),
    apply: manifest =>
      kubectl.ok(['apply', '-f', '-'], typeof manifest === 'string' ? manifest : JSON.stringify(manifest)),
    read: async <T>(...args: string[]) => (await json(args)) as T,
    list: async <T extends KubeObject>(...args: string[]) => ((await json(args)) as KubeList<T>).items,
    ready: (...pods) =>
      kubectl.ok(['wait', ...pods.map(pod => `pod/${pod}`), '--for=condition=Ready', '--timeout=60s']),
    inPod: (pod, script) => kubectl.ok(['exec', pod, '--', 'sh', '-c', script]),
  }

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), `podbay-${purpose}-`))
    await prepare?.(cluster)
    await cluster.start()
  })
  afterAll(async () => {
    await engine?.end('SIGTERM')
    expect(cluster.podbay('delete')).toMatchObject({ code: 0 })
    rmSync(running(directory), { recursive: true, force: true })
  })
  return cluster
}
