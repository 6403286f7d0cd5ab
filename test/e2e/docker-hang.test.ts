import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import type { Node } from '../../shared/api/core.ts'
import { withoutDocker } from '../helpers/docker.ts'
import { createDockerOutage } from '../helpers/docker-outage.ts'
import { podbay, startEngine } from '../helpers/engine.ts'
import { eventually } from '../helpers/eventually.ts'
import { createKubectl, type Kubectl } from '../helpers/kubectl.ts'

describe.skipIf(withoutDocker)('a Docker Engine that takes calls and never answers', () => {
  const directory = mkdtempSync(join(tmpdir(), 'podbay-hang-'))
  const name = `hang-${process.pid}`
  const dataDir = join(directory, 'data')
  const outage = createDockerOutage(join(directory, 'docker.sock'))
  const start = () => startEngine({ name, dataDir, env: { DOCKER_HOST: outage.host } })

  async function ready(kubectl: Kubectl) {
    const { status } = JSON.parse(await kubectl.ok(['get', 'node', `${name}-node`, '-o', 'json'])) as Node
    return status?.conditions?.find(({ type }) => type === 'Ready')
  }

  afterAll(async () => {
    await outage[Symbol.asyncDispose]()
    podbay('delete', '--name', name, '--data-dir', dataDir)
    rmSync(directory, { recursive: true })
  })

  it('does not keep the engine from starting, telling why there is no node, and ending', async () => {
    await outage.hang()
    const engine = await start()
    await eventually(async () => {
      const condition = await ready(createKubectl(engine.kubeconfig))
      expect(condition?.status).toBe('False')
      expect(condition?.message).toMatch(/no answer within 10 s .*running\?/)
    })
    expect(await engine.end('SIGTERM')).toBe(0)
  })

  it('is used as soon as it answers, and may fall silent again', async () => {
    const engine = await start()
    const kubectl = createKubectl(engine.kubeconfig)
    await outage.end()
    await eventually(async () => expect(await ready(kubectl)).toMatchObject({ status: 'True' }))
    const image = 'podbay.test/shell:1'
    await kubectl.ok([
      'run',
      'web',
      '--image',
      image,
      '--image-pull-policy=Never',
      '--grace-period=1',
      '--',
      'sleep',
      '600',
    ])
    await kubectl.ok(['wait', 'pod/web', '--for=condition=Ready', '--timeout=60s'])
    await outage.hang()
    await kubectl.ok(['delete', 'pod', 'web', '--grace-period=1', '--wait=false'])
    await outage.end()
    await kubectl.ok(['wait', 'pod/web', '--for=delete', '--timeout=60s'])
    await outage.hang()
    expect(await engine.end('SIGTERM')).toBe(0)
  })
})
