import Docker from 'dockerode'
import { once } from 'node:events'
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { createConnection } from 'node:net'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import type { Node, Pod } from '../../shared/api/core.ts'
import { useCluster } from '../helpers/cluster.ts'
import { withoutDocker } from '../helpers/docker.ts'
import { eventually } from '../helpers/eventually.ts'
import { shellPod, untilEnded } from '../helpers/shell-pod.ts'

const serve = (answer: string) => `trap exit TERM; while :; do echo ${answer} | nc -l -p 8080 & wait; done`

describe.skipIf(withoutDocker)(`a node on Docker ${withoutDocker}`, () => {
  let manifests = ''
  // Hooks run in reverse order: the cluster is gone then.
  afterAll(() => expect(existsSync(manifests)).toBe(false))
  const cluster = useCluster('node-side', {
    prepare({ dataDir, node }) {
      manifests = join(dataDir, 'manifests', node)
      mkdirSync(manifests, { recursive: true })
      writeFileSync(join(manifests, 'static.yaml'), JSON.stringify(shellPod('static')))
    },
  })

  const address = async () => (await cluster.read<Node>('node', cluster.node)).status?.addresses?.[0]?.address ?? ''

  /** What a port says to its caller on this machine. */
  async function call(host: string, port: number): Promise<string> {
    const socket = createConnection({ host, port })
    const [data] = (await once(socket, 'data')) as [Buffer]
    socket.destroy()
    return data.toString()
  }

  it("host ports answer at the node's address and on its loopback, also after its agent was lost", async () => {
    const container = { ports: [{ containerPort: 8080, hostPort: 8088 }] }
    await cluster.apply(shellPod('web', serve('web'), { container }))
    const spec = { hostNetwork: true, hostPID: true, hostIPC: true }
    await cluster.apply(shellPod('inside', untilEnded, { spec }))
    await cluster.ready('web', 'inside')
    const asked = () => cluster.inPod('inside', 'nc -w 2 127.0.0.1 8088 </dev/null')
    expect(await eventually(async () => call(await address(), 8088))).toBe('web\n')
    await eventually(async () => expect(await asked()).toBe('web\n'))
    expect(await cluster.inPod('inside', 'ps')).toContain('/pause')

    await new Docker().getContainer(`podbay_agent_${cluster.name}_${cluster.node}`).remove({ force: true })
    expect(await eventually(async () => call(await address(), 8088))).toBe('web\n')
    // The pod on the node's network is in that of the new agent.
    await eventually(async () => expect(await asked()).toBe('web\n'))
  })

  it('static pods run, show themselves, come back and go with their manifests', async () => {
    const mirror = `static-${cluster.node}`
    await eventually(() => cluster.ready(mirror))
    const before = await cluster.read<Pod>('pod', mirror)
    await cluster.kubectl.ok(['delete', 'pod', mirror])
    await eventually(() => cluster.ready(mirror))
    const after = await cluster.read<Pod>('pod', mirror)
    expect(after.metadata.uid).not.toBe(before.metadata.uid)
    expect(after.status?.containerStatuses?.[0]?.containerID).toBe(before.status?.containerStatuses?.[0]?.containerID)
    expect(await cluster.kubectl.ok(['describe', 'pod', mirror])).toContain('Container started')
    rmSync(join(manifests, 'static.yaml'))
    await cluster.kubectl.ok(['wait', '--for=delete', `pod/${mirror}`, '--timeout=60s'])
  })

  it('a kernel parameter that other pods would feel is refused', async () => {
    const securityContext = { sysctls: [{ name: 'kernel.msgmax', value: '65536' }] }
    await cluster.apply(shellPod('tuned', untilEnded, { spec: { securityContext } }))
    await cluster.kubectl.ok(['wait', 'pod/tuned', '--for=jsonpath={.status.phase}=Failed', '--timeout=60s'])
    expect((await cluster.read<Pod>('pod', 'tuned')).status).toMatchObject({
      reason: 'SysctlForbidden',
      message: 'Pod was rejected: forbidden sysctl: "kernel.msgmax" not allowlisted',
    })
  })
})
