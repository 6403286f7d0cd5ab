import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ConfigMap } from '../../shared/api/core.ts'
import { withoutDocker } from '../helpers/docker.ts'
import { podbay, startEngine, type Engine } from '../helpers/engine.ts'
import { eventually } from '../helpers/eventually.ts'
import { createKubectl, type Kubectl } from '../helpers/kubectl.ts'

const binary = process.env['HELM']
const chart = join(import.meta.dirname, 'chart')
const name = `helm-${process.pid}`

describe.skipIf(binary === undefined || withoutDocker)('Helm', () => {
  let directory: string
  let dataDir: string
  let engine: Engine
  let kubectl: Kubectl

  const helm = async (...args: string[]) => {
    // Its caches, too, are this test's own.
    const env = { ...process.env, HELM_CACHE_HOME: directory, HELM_CONFIG_HOME: directory, HELM_DATA_HOME: directory }
    const child = spawn(binary ?? '', ['--kubeconfig', engine.kubeconfig, ...args], { env })
    const closed = new Promise<number | null>(resolve => child.once('close', resolve))
    const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), closed])
    return { code, stdout, output: stdout + stderr }
  }
  const ok = async (...args: string[]) => {
    const { code, stdout, output } = await helm(...args)
    expect(code, output).toBe(0)
    return stdout
  }
  const wait = ['--wait', '--timeout', '120s']
  const upgrade = (...args: string[]) => ['upgrade', 'quay', chart, '--set', 'replicas=3,greeting=ahoy', ...args]
  const map = async (mapName: string) =>
    JSON.parse(await kubectl.ok(['get', 'configmap', mapName, '-o', 'json', '--show-managed-fields'])) as ConfigMap
  const replicas = () => kubectl.ok(['get', 'deployment', 'quay', '-o', 'jsonpath={.status.readyReplicas}'])
  const statuses = async () =>
    (JSON.parse(await ok('history', 'quay', '-o', 'json')) as { status: string }[]).map(({ status }) => status)

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'podbay-helm-'))
    dataDir = join(directory, 'data')
    engine = await startEngine({ name, dataDir })
    kubectl = createKubectl(engine.kubeconfig)
  })
  afterAll(async () => {
    await engine.end('SIGTERM')
    podbay('delete', '--name', name, '--data-dir', dataDir)
    rmSync(directory, { recursive: true, force: true })
  })

  it('installs the definition, then its object, with the hooks around them', async () => {
    await ok('install', 'quay', chart, ...wait)
    expect(await replicas()).toBe('2')
    expect(await kubectl.ok(['get', 'berth', 'quay', '-o', 'jsonpath={.spec.length}'])).toBe('2')
    const made = await map('quay')
    expect(made.data).toMatchObject({ greeting: 'hello', before: 'none', berths: 'true' })
    expect(made.data?.['version']).toMatch(/^v1\.36\./)
    expect(made.metadata.managedFields).toMatchObject([{ manager: 'helm', operation: 'Apply' }])
    for (const hook of ['pre-install', 'post-install']) expect((await map(`quay-${hook}`)).data?.['revision']).toBe('1')
    // It succeeded, and what succeeded was to be deleted.
    expect((await kubectl.run(['get', 'job', 'quay-prepare'])).output).toContain('not found')
  })

  it('shows by a dry run what an upgrade would make, and makes nothing', async () => {
    const shown = await ok(...upgrade('--dry-run=server'))
    expect(shown).toContain('greeting: ahoy')
    expect(shown).toContain('before: hello')
    expect((await map('quay')).data?.['greeting']).toBe('hello')
  })

  it('upgrades and rolls back', async () => {
    await ok(...upgrade(...wait))
    expect(await replicas()).toBe('3')
    expect((await map('quay')).data).toMatchObject({ greeting: 'ahoy', before: 'hello' })
    await ok('rollback', 'quay', '1', ...wait)
    expect(await replicas()).toBe('2')
    expect((await map('quay')).data).toMatchObject({ greeting: 'hello', before: 'none' })
    expect((await map('quay-pre-rollback')).data?.['revision']).toBe('1')
    expect(await statuses()).toEqual(['superseded', 'superseded', 'deployed'])
  })

  it('is told who else owns a field, and takes it by force', async () => {
    const patch = ['patch', 'deployment', 'quay', '--type=merge', '-p', '{"spec":{"replicas":1}}']
    await kubectl.ok([...patch, '--field-manager=someone'])
    const refused = await helm(...upgrade())
    expect(refused.code).toBe(1)
    expect(refused.output).toContain(
      'Apply failed with 1 conflict: conflict with "someone" using apps/v1: .spec.replicas',
    )
    await ok(...upgrade('--force-conflicts', ...wait))
    expect(await replicas()).toBe('3')
  })

  it('runs the tests of a release', async () => {
    const said = await ok('test', 'quay', '--logs')
    expect(said).toContain('Phase:          Succeeded')
    expect(said).toContain('ahoy')
  })

  it('uninstalls what it installed, and keeps the definition', async () => {
    // Helm's own wait takes for gone what it has not seen yet (kube/statuswait.go, statusObserver), and may end too early.
    await ok('uninstall', 'quay', '--cascade', 'foreground')
    await kubectl.ok(['wait', '--for=delete', 'deployment/quay', '--timeout=60s'])
    expect((await map('quay-pre-delete')).data?.['revision']).toBe('5')
    await eventually(async () =>
      expect(await kubectl.ok(['get', 'deployments,replicasets,berths', '-o', 'name'])).toBe(''),
    )
    expect(await kubectl.ok(['get', 'crd', '-o', 'name'])).toContain('berths.sea.example')
    expect(JSON.parse(await ok('list', '-A', '-o', 'json'))).toEqual([])
  })
})
