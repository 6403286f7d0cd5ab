import { describe, expect, it } from 'vitest'
import type { ConfigMap } from '../../shared/api/core.ts'
import { simulated, useCluster } from '../helpers/cluster.ts'

const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration'

const map = (mapName: string, data: Record<string, string>) =>
  JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: mapName }, data })

describe('kubectl and managed fields', () => {
  const { kubectl } = useCluster('ssa', { flags: simulated })

  const serverSide = ['apply', '--server-side', '-f', '-']
  const read = async (mapName: string): Promise<ConfigMap> =>
    JSON.parse(await kubectl.ok(['get', 'configmap', mapName, '-o', 'json', '--show-managed-fields'])) as ConfigMap
  const managers = async (mapName: string) =>
    ((await read(mapName)).metadata.managedFields ?? []).map(
      ({ manager = '', operation = '' }) => `${manager} ${operation}`,
    )

  it('applies on the server, and is told of conflicts', async () => {
    expect(await kubectl.ok(serverSide, map('a', { k: '1', l: '1' }))).toBe('configmap/a serverside-applied\n')
    expect(await managers('a')).toEqual(['kubectl Apply'])
    expect(await kubectl.ok(['get', 'configmap', 'a', '-o', 'yaml'])).not.toContain('managedFields')

    const other = [...serverSide, '--field-manager', 'other']
    const refused = await kubectl.run(other, map('a', { k: '2' }))
    expect(refused.code).toBe(1)
    expect(refused.output).toContain('conflict with "kubectl": .data.k')
    await kubectl.ok([...other, '--force-conflicts'], map('a', { k: '2' }))
    expect((await read('a')).data).toEqual({ k: '2', l: '1' })

    await kubectl.ok(serverSide, map('a', {}))
    expect((await read('a')).data).toEqual({ k: '2' })
  })

  it('shows what an apply would change', async () => {
    const { code, stdout } = await kubectl.run(
      ['diff', '--server-side', '--field-manager', 'other', '-f', '-'],
      map('a', { k: '3' }),
    )
    expect(code).toBe(1)
    expect(stdout).toMatch(/^-\s+k: "2"\n\+\s+k: "3"$/m)
    expect(
      (await kubectl.run(['diff', '--server-side', '--field-manager', 'other', '-f', '-'], map('a', { k: '2' }))).code,
    ).toBe(0)
  })

  it('takes over what it applied on its own side before', async () => {
    await kubectl.ok(['apply', '-f', '-'], map('b', { k: '1', l: '1' }))
    expect(await managers('b')).toEqual(['kubectl-client-side-apply Update'])
    await kubectl.ok(serverSide, map('b', { k: '2' }))
    const { data, metadata } = await read('b')
    expect(data).toEqual({ k: '2' })
    expect(metadata.managedFields?.map(({ manager }) => manager).sort()).toEqual(['kubectl', 'kubectl-last-applied'])
    expect(JSON.parse(metadata.annotations?.[lastApplied] ?? '')).toMatchObject({ data: { k: '2' } })
    // And back again.
    await kubectl.ok(['apply', '-f', '-'], map('b', { m: '1' }))
    expect((await read('b')).data).toEqual({ m: '1' })
  })

  it('sets the last applied configuration', async () => {
    await kubectl.ok(['create', 'configmap', 'c', '--from-literal=k=1'])
    await kubectl.ok(['apply', 'set-last-applied', '--create-annotation', '-f', '-'], map('c', { k: '1' }))
    expect(JSON.parse(await kubectl.ok(['apply', 'view-last-applied', 'configmap', 'c', '-o', 'json']))).toMatchObject({
      data: { k: '1' },
    })
    await kubectl.ok(['apply', '-f', '-'], map('c', { l: '2' }))
    expect((await read('c')).data).toEqual({ l: '2' })
  })

  it('edits, labels and scales as managers of their own', async () => {
    await kubectl.ok(['create', 'deployment', 'd', '--image=x', '--replicas=0'])
    await kubectl.ok(['label', 'deployment', 'd', 'a=b'])
    await kubectl.ok(['scale', 'deployment', 'd', '--replicas=1'])
    const fields = await kubectl.ok(['get', 'deployment', 'd', '-o', 'json', '--show-managed-fields'])
    const { metadata } = JSON.parse(fields) as ConfigMap
    const owned = metadata.managedFields?.filter(({ subresource }) => subresource !== 'status')
    expect(owned?.map(({ manager }) => manager)).toContain('kubectl-create')
    expect(owned?.map(({ manager }) => manager)).toContain('kubectl-label')
    expect(owned?.find(({ subresource }) => subresource === 'scale')).toMatchObject({
      fieldsV1: { 'f:spec': { 'f:replicas': {} } },
    })
  })
})
