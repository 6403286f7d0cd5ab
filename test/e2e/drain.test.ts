import { beforeAll, describe, expect, it } from 'vitest'
import type { Node, Pod } from '../../shared/api/core.ts'
import { simulated, useCluster } from '../helpers/cluster.ts'
import { eventually } from '../helpers/eventually.ts'

describe('a drain against a disruption budget', () => {
  const cluster = useCluster('drain', { flags: simulated })
  const { kubectl } = cluster
  const pods = () => cluster.list<Pod>('pods', '-l', 'app=web')
  const uids = async () => (await pods()).map(({ metadata }) => metadata.uid).sort()

  beforeAll(async () => {
    cluster.podbay('node', 'add', '--simulated', '--count', '2')
    await kubectl.ok(['create', 'deployment', 'web', '--image=any:1', '--replicas=2'])
    await kubectl.ok(['create', 'poddisruptionbudget', 'web', '--selector=app=web', '--min-available=2'])
    await kubectl.ok(['rollout', 'status', 'deployment/web', '--timeout=60s'])
    const allowed = ['get', 'poddisruptionbudget', 'web', '-o', 'jsonpath={.status.currentHealthy}']
    await eventually(async () => expect(await kubectl.ok(allowed)).toBe('2'))
  })

  it.each([
    {
      by: 'kubectl drain',
      drain: (node: string, seconds: number) => kubectl.run(['drain', node, `--timeout=${seconds}s`]),
    },
    {
      by: 'podbay node drain',
      drain: async (node: string, seconds: number) => {
        const { code, stdout, stderr } = cluster.podbay('node', 'drain', node, '--timeout', `${seconds}s`)
        return { code, output: stdout + stderr }
      },
    },
  ])('waits until the budget allows it: $by', async ({ drain }) => {
    await kubectl.ok(['scale', 'deployment/web', '--replicas=2'])
    await eventually(async () => expect(await pods()).toHaveLength(2))
    const before = await uids()
    const node = (await pods())[0]?.spec.nodeName ?? ''
    const refused = await drain(node, 3)
    expect(refused.code).toBe(1)
    expect(refused.output).toContain("Cannot evict pod as it would violate the pod's disruption budget.")
    expect(await uids()).toEqual(before)
    expect((await cluster.read<Node>('node', node)).spec?.unschedulable).toBe(true)

    await kubectl.ok(['scale', 'deployment/web', '--replicas=3'])
    expect(await drain(node, 60)).toMatchObject({ code: 0 })
    const after = await pods()
    expect(after.filter(({ spec }) => spec.nodeName === node)).toEqual([])
    await kubectl.ok(['rollout', 'status', 'deployment/web', '--timeout=60s'])
    await kubectl.ok(['uncordon', node])
  })
})
