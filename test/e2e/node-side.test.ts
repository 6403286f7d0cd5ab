import Docker from 'dockerode'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { once } from 'node:events'
import { createConnection } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Node, Pod, PodSpec } from '../../shared/api/core.ts'
import { withoutDocker } from '../helpers/docker.ts'
import { podbay, startEngine, type Engine } from '../helpers/engine.ts'
import { eventually } from '../helpers/eventually.ts'
import { createKubectl, type Kubectl } from '../helpers/kubectl.ts'

const name = `node-side-${process.pid}`
const node = `${name}-node`
const directory = mkdtempSync(join(tmpdir(), 'podbay-node-side-'))
const manifests = join(directory, 'manifests', node)
const at = ['--name', name, '--data-dir', directory]

/** A pod `name` with one container that runs a script. */
function pod(podName: string, script: string, { ports = [], ...spec }: Partial<PodSpec> & { ports?: object[] } = {}) {
  const command = ['sh', '-c', `trap exit TERM; ${script}`]
  const container = { name: 'c', image: 'podbay.test/shell:1', imagePullPolicy: 'IfNotPresent', command, ports }
  const own = { terminationGracePeriodSeconds: 1, containers: [container], ...spec }
  return JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name: podName }, spec: own })
}
const wait = 'while :; do sleep 60 & wait; done'
const serve = (answer: string) => `while :; do echo ${answer} | nc -l -p 8080 & wait; done`

describe.skipIf(withoutDocker)(`a node on Docker ${withoutDocker}`, () => {
  let engine: Engine
  let kubectl: Kubectl
  beforeAll(async () => {
    mkdirSync(manifests, { recursive: true })
    writeFileSync(join(manifests, 'static.yaml'), pod('static', wait))
    engine = await startEngine({ name, dataDir: directory })
    kubectl = createKubectl(engine.kubeconfig)
  })
  afterAll(async () => {
    await engine.end('SIGTERM')
    expect(podbay('delete', ...at)).toMatchObject({ code: 0 })
    expect(existsSync(manifests)).toBe(false)
    rmSync(directory, { recursive: true })
  })

  const ready = (...pods: string[]) =>
    kubectl.ok(['wait', ...pods.map(each => `pod/${each}`), '--for=condition=Ready', '--timeout=60s'])
  const read = async <T>(...args: string[]) => JSON.parse(await kubectl.ok(['get', ...args, '-o', 'json'])) as T
  const address = async () => (await read<Node>('node', node)).status?.addresses?.[0]?.address ?? ''

  /** What a port says to its caller on this machine. */
  async function call(host: string, port: number): Promise<string> {
    const socket = createConnection({ host, port })
    const [data] = (await once(socket, 'data')) as [Buffer]
    socket.destroy()
    return data.toString()
  }

  it("host ports answer at the node's address and on its loopback, also after its agent was lost", async () => {
    await kubectl.ok(
      ['apply', '-f', '-'],
      pod('web', serve('web'), { ports: [{ containerPort: 8080, hostPort: 8088 }] }),
    )
    await kubectl.ok(['apply', '-f', '-'], pod('inside', wait, { hostNetwork: true, hostPID: true, hostIPC: true }))
    await ready('web', 'inside')
    const asked = () => kubectl.ok(['exec', 'inside', '--', 'sh', '-c', 'nc -w 2 127.0.0.1 8088 </dev/null'])
    expect(await eventually(async () => call(await address(), 8088))).toBe('web\n')
    await eventually(async () => expect(await asked()).toBe('web\n'))
    expect(await kubectl.ok(['exec', 'inside', '--', 'ps'])).toContain('/pause')

    await new Docker().getContainer(`podbay_agent_${name}_${node}`).remove({ force: true })
    expect(await eventually(async () => call(await address(), 8088))).toBe('web\n')
    // The pod on the node's network is in that of the new agent.
    await eventually(async () => expect(await asked()).toBe('web\n'))
  })

  it('static pods run, show themselves, come back and go with their manifests', async () => {
    const mirror = `static-${node}`
    await eventually(() => ready(mirror))
    const before = await read<Pod>('pod', mirror)
    await kubectl.ok(['delete', 'pod', mirror])
    await eventually(() => ready(mirror))
    const after = await read<Pod>('pod', mirror)
    expect(after.metadata.uid).not.toBe(before.metadata.uid)
    expect(after.status?.containerStatuses?.[0]?.containerID).toBe(before.status?.containerStatuses?.[0]?.containerID)
    expect(await kubectl.ok(['describe', 'pod', mirror])).toContain('Container started')
    rmSync(join(manifests, 'static.yaml'))
    await kubectl.ok(['wait', '--for=delete', `pod/${mirror}`, '--timeout=60s'])
  })

  it('a kernel parameter that other pods would feel is refused', async () => {
    const securityContext = { sysctls: [{ name: 'kernel.msgmax', value: '65536' }] }
    await kubectl.ok(['apply', '-f', '-'], pod('tuned', wait, { securityContext }))
    await kubectl.ok(['wait', 'pod/tuned', '--for=jsonpath={.status.phase}=Failed', '--timeout=60s'])
    expect((await read<Pod>('pod', 'tuned')).status).toMatchObject({
      reason: 'SysctlForbidden',
      message: 'Pod was rejected: forbidden sysctl: "kernel.msgmax" not allowlisted',
    })
  })
})
