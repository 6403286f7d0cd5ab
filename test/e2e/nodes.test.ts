import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import type { Pod } from '../../shared/api/core.ts'
import { withoutDocker } from '../helpers/docker.ts'
import { podbay, startEngine } from '../helpers/engine.ts'
import { eventually } from '../helpers/eventually.ts'
import { createKubectl, type Kubectl } from '../helpers/kubectl.ts'

const directory = mkdtempSync(join(tmpdir(), 'podbay-nodes-'))
afterAll(() => rmSync(directory, { recursive: true }))

const list = async (kubectl: Kubectl, what: string) =>
  (JSON.parse(await kubectl.ok(['get', what, '-o', 'json'])) as { items: Pod[] }).items

describe('nodes of a running cluster', () => {
  it('are simulated, listed, drained, stopped, started and removed, and outlive the engine', async () => {
    const at = ['--name', 'nodes', '--data-dir', join(directory, 'simulated')]
    const flags = ['--runtime', 'simulated']
    const start = () => startEngine({ name: 'nodes', dataDir: join(directory, 'simulated'), flags })
    let engine = await start()
    const kubectl = createKubectl(engine.kubeconfig)
    const node = (...args: string[]) => podbay('node', ...args, ...at)
    const add = ['--simulated', '--count', '20', '--cpu', '8', '--memory', '32Gi', '--labels', 'zone=a']
    expect(node('add', ...add).stdout).toContain('node sim-20 added')
    await kubectl.ok(['wait', 'node', '-l', 'zone=a', '--for=condition=Ready', '--timeout=20s'])
    expect(node('list').stdout).toMatch(/sim-7 +Ready +simulated +8 +32Gi/)
    expect(node('add', 'sim-1', '--simulated').stderr).toContain('there is a node sim-1 already')
    expect(node('stop', 'nobody').stderr).toContain('there is no node nobody; nodes: ')

    await kubectl.ok(['create', 'deployment', 'web', '--image=any:1', '--replicas=40'])
    await kubectl.ok(['rollout', 'status', 'deployment/web', '--timeout=30s'])
    const pods = await list(kubectl, 'pods')
    const busy = pods.find(({ spec }) => spec.nodeName?.startsWith('sim-'))?.spec.nodeName ?? ''
    expect(node('drain', busy).stdout).toContain(`node ${busy} drained`)
    expect((await list(kubectl, 'pods')).filter(({ spec }) => spec.nodeName === busy)).toEqual([])

    const other = pods.find(({ spec }) => spec.nodeName?.startsWith('sim-') && spec.nodeName !== busy)
    const off = other?.spec.nodeName ?? ''
    expect(node('stop', off).stdout).toBe(`node ${off} stopped\n`)
    await eventually(async () =>
      expect((await kubectl.run(['logs', other?.metadata.name ?? ''])).output).toContain('no kubelet runs for node'),
    )
    expect(node('start', off).stdout).toBe(`node ${off} started\n`)
    await eventually(async () =>
      expect(await kubectl.ok(['logs', other?.metadata.name ?? ''])).toContain('Nothing runs on a simulated node'),
    )

    await engine.end('SIGTERM')
    expect(node('list').stderr).toContain('cluster nodes does not run')
    engine = await start()
    expect(node('remove', '-l', 'zone=a').stdout).toMatch(new RegExp(`node ${off} removed, with \\d+ pods`))
    await kubectl.ok(['rollout', 'status', 'deployment/web', '--timeout=30s'])
    expect((await list(kubectl, 'nodes')).map(({ metadata }) => metadata.name)).toEqual(['nodes-node'])
    expect(new Set((await list(kubectl, 'pods')).map(({ spec }) => spec.nodeName))).toEqual(new Set(['nodes-node']))
    await engine.end('SIGTERM')
  })

  it.skipIf(withoutDocker)('run on one Docker Engine, and pods of each reach the others', async () => {
    const name = `nodes-${process.pid}`
    const dataDir = join(directory, 'docker')
    const at = ['--name', name, '--data-dir', dataDir]
    const engine = await startEngine({ name, dataDir })
    try {
      const kubectl = createKubectl(engine.kubeconfig)
      expect(podbay('node', 'add', 'second', '--cpu', '1', ...at).stdout).toBe('node second added\n')
      await kubectl.ok(['wait', 'node', '--all', '--for=condition=Ready', '--timeout=30s'])
      await kubectl.ok(['apply', '-f', '-'], onEachNode)
      await kubectl.ok(['rollout', 'status', 'daemonset/web', '--timeout=30s'])
      const pods = await list(kubectl, 'pods')
      expect(pods.map(({ spec }) => spec.nodeName).sort()).toEqual([`${name}-node`, 'second'].sort())
      for (const { metadata } of pods)
        for (const other of pods) {
          const get = `printf 'GET / HTTP/1.0\\r\\n\\r\\n' | nc -w 5 ${other.status?.podIP ?? ''} 8080`
          expect(await kubectl.ok(['exec', metadata.name, '--', 'sh', '-c', get])).toContain(other.metadata.name)
        }
      expect(podbay('node', 'remove', 'second', ...at).stdout).toBe('node second removed, with 1 pods\n')
      await eventually(async () =>
        expect((await list(kubectl, 'pods')).map(({ spec }) => spec.nodeName)).toEqual([`${name}-node`]),
      )
    } finally {
      await engine.end('SIGTERM')
      expect(podbay('delete', ...at)).toMatchObject({ code: 0 })
    }
  })
})

const onEachNode = JSON.stringify({
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata: { name: 'web' },
  spec: {
    selector: { matchLabels: { app: 'web' } },
    template: {
      metadata: { labels: { app: 'web' } },
      spec: {
        terminationGracePeriodSeconds: 1,
        containers: [{ name: 'http', image: 'podbay.test/http:1', imagePullPolicy: 'IfNotPresent' }],
      },
    },
  },
})
