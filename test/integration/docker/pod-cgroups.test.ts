import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { onHost } from '../../../main/kubelet/docker/agent/host-root.ts'
import type { PodResources } from '../../../main/kubelet/runtime.ts'
import { withoutDocker } from '../../helpers/docker.ts'
import { clusterName, createTestNode, execute, removeAll, runContainer, runSandbox, type TestNode } from './node.ts'

const cluster = clusterName('cgroups')
const limits: PodResources = {
  cpuShares: 512,
  cpuQuota: 50_000,
  memoryLimit: 64 * 2 ** 20,
  processes: 20,
  hugePages: new Map(),
}

describe.skipIf(withoutDocker)('cgroups of pods', () => {
  let node: TestNode
  beforeAll(async () => {
    node = await createTestNode(cluster)
  })
  afterAll(async () => {
    await node[Symbol.asyncDispose]()
    await removeAll(cluster)
  })

  const onEngine = async (script: string) => (await node.agent.run(onHost(script))).output.toString().trim()
  /** Directories of pods' cgroups, by what their names contain. */
  const groups = (part: string) =>
    onEngine(`find /sys/fs/cgroup -type d -name '*podbay.*${part.replaceAll('-', '_')}*' -prune`)
  const limitsOf = (name: string) =>
    onEngine(
      `cd /sys/fs/cgroup; for f in $(find . -path '*podbay.*pod${name}/*' -prune -o -path '*pod${name}.slice/*' -prune -o -name '*pod${name}' -print -o -name '*pod${name}.slice' -print); do
        for l in memory.limit_in_bytes memory.max cpu.cfs_quota_us cpu.max cpu.shares pids.max; do [ ! -e $f/$l ] || echo "$l $(cat $f/$l)"; done; done`,
    )

  it('limits the containers of a pod together, each of which has no such limit', async () => {
    const sandbox = await runSandbox(node, 'grouped', { resources: limits })
    const id = await runContainer(node, sandbox)
    expect(await limitsOf('grouped')).toMatch(/^memory\.(limit_in_bytes|max) 67108864$/m)
    expect(await limitsOf('grouped')).toMatch(/^cpu\.(cfs_quota_us|max) 50000( 100000)?$/m)
    const greedy = 'head -c 100000000 /dev/zero | tail -c 100000000 | wc -c'
    expect(await execute(node, id, ['sh', '-c', greedy])).not.toMatchObject({ stdout: '100000000\n' })
    const bomb = 'for i in $(seq 40); do sleep 60 & done 2>&1'
    expect((await execute(node, id, ['sh', '-c', bomb])).stdout).toContain('fork')
    await node.runtime.removeSandbox(sandbox.id)
    expect(await groups('grouped')).toBe('')
  })

  it('gives a running pod other limits, and says what the kernel refuses', async () => {
    const sandbox = await runSandbox(node, 'resized', { resources: limits })
    await runContainer(node, sandbox)
    await node.runtime.updateSandbox(sandbox.id, { ...limits, memoryLimit: 96 * 2 ** 20, cpuQuota: 0 })
    expect(await limitsOf('resized')).toMatch(/^memory\.(limit_in_bytes|max) 100663296$/m)
    expect(await limitsOf('resized')).toMatch(/^cpu\.(cfs_quota_us -1|max max 100000)$/m)
    await expect(node.runtime.updateSandbox(sandbox.id, { ...limits, cpuQuota: 1 })).rejects.toThrow('echo')
    await node.runtime.stopSandbox(sandbox.id)
    expect(await groups('resized')).toBe('')
    await node.runtime.removeSandbox(sandbox.id)
  })

  it('makes none for a pod that asks for none, and removes what a lost pod left', async () => {
    const plain = await runSandbox(node, 'plain')
    await runContainer(node, plain)
    await node.runtime.updateSandbox(plain.id, limits)
    expect(await groups('plain')).toBe('')
    const used = await runSandbox(node, 'used', { resources: limits })
    const lost = await runSandbox(node, 'lost', { resources: limits })
    await node.docker.getContainer(lost.id).remove({ force: true })
    expect(await groups('podlost')).not.toBe('')
    await node.runtime.removeLeftovers(new Set(['plain']))
    expect(await groups('podlost')).toBe('')
    expect(await groups('podused')).not.toBe('')
    // What a killed engine leaves with the containers themselves goes with the cluster.
    await node.docker.getContainer(used.id).kill()
    await removeAll(cluster)
    await node[Symbol.asyncDispose]()
    node = await createTestNode(cluster)
    expect(await groups(cluster)).toBe('')
  })
})
