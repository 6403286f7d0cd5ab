import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import Docker from 'dockerode'
import { describe, expect, it } from 'vitest'
import type { Pod } from '../../shared/api/core.ts'
import { withoutDocker } from '../helpers/docker.ts'
import { useCluster } from '../helpers/cluster.ts'
import { eventually } from '../helpers/eventually.ts'

const manifest = readFileSync(join(import.meta.dirname, 'shop.yaml'), 'utf8')

describe.skipIf(withoutDocker)('a Deployment from kubectl to Docker and back', () => {
  const cluster = useCluster('kubectl')
  const { kubectl, name } = cluster
  const docker = new Docker()

  const labelled = { filters: { label: [`podbay.cluster=${name}`] } }
  const list = (selector: string) => cluster.list<Pod>('pods', '-l', selector)
  const restarts = (pods: Pod[]) =>
    pods.map(pod => [pod.metadata.uid, pod.status?.containerStatuses?.[0]?.restartCount])

  it('runs what is applied', async () => {
    expect(cluster.engine.runtime).toBe('docker')
    expect(await kubectl.ok(['apply', '-f', '-'], manifest)).toContain('deployment.apps/web created')
    await kubectl.ok(['rollout', 'status', 'deployment/web', '--timeout=120s'])
    await kubectl.ok(['wait', 'pod/client', '--for=condition=Ready', '--timeout=60s'])
    const running = await docker.listContainers(labelled)
    expect(running.filter(c => c.Labels['io.kubernetes.container.name'] === 'http')).toHaveLength(3)
    expect(await kubectl.ok(['apply', '-f', '-'], manifest)).toContain('deployment.apps/web unchanged')
  })

  it('answers at the Service name from another pod, by every replica', async () => {
    const names = (await list('app=web')).map(pod => pod.metadata.name)
    const seen = new Set<string>()
    await eventually(async () => {
      seen.add(
        (await kubectl.ok(['exec', 'client', '--', 'wget', '-qO-', 'http://web.default.svc.cluster.local/'])).trim(),
      )
      expect([...seen].sort()).toEqual(names.sort())
    })
    expect(await kubectl.ok(['exec', 'client', '--', 'wget', '-qO-', 'http://web/'])).not.toBe('')
  })

  it('gives pods a way to the API server with their own token', async () => {
    const script = [
      'cd /var/run/secrets/kubernetes.io/serviceaccount',
      'curl -s --cacert ca.crt -H "Authorization: Bearer $(cat token)" https://kubernetes.default.svc/api/v1/namespaces/default/pods',
    ].join(' && ')
    const answer = await kubectl.ok(['exec', 'client', '--', 'sh', '-c', script])
    expect(answer).toContain('User \\"system:serviceaccount:default:default\\" cannot list resource \\"pods\\"')
  })

  it('passes exit codes, input and both outputs through exec', async () => {
    expect((await kubectl.run(['exec', 'client', '--', 'sh', '-c', 'exit 7'])).code).toBe(7)
    const both = await kubectl.run(['exec', '-i', 'client', '--', 'sh', '-c', 'cat; echo fault >&2'], 'typed\n')
    expect(both).toMatchObject({ code: 0, stdout: 'typed\n' })
    expect(both.output).toContain('fault')
  })

  it('follows logs', async () => {
    // One pod by name: of a Deployment's pods kubectl follows whichever it ranks first.
    const [pod] = (await kubectl.ok(['get', 'pods', '-l', 'app=web', '-o', 'name'])).split('\n')
    const follow = kubectl.start(['logs', '-f', String(pod), '--tail=1'])
    const lines = createInterface({ input: follow.stdout })
    const seen = once(lines, 'line')
    await kubectl.ok(['exec', String(pod), '--', 'sh', '-c', 'echo followed > /proc/1/fd/1'])
    expect(String(await seen)).not.toBe('')
    follow.kill()
    await once(follow, 'exit')
  })

  it('brings a killed container back', async () => {
    const [pod] = await list('app=web')
    const [container] = (await docker.listContainers(labelled)).filter(
      c =>
        c.Labels['io.kubernetes.pod.uid'] === pod?.metadata.uid && c.Labels['io.kubernetes.container.name'] === 'http',
    )
    await docker.getContainer(String(container?.Id)).kill()
    await eventually(async () => {
      const now = JSON.parse(await kubectl.ok(['get', 'pod', String(pod?.metadata.name), '-o', 'json'])) as Pod
      expect(now.status?.containerStatuses?.[0]).toMatchObject({ restartCount: 1, ready: true })
    })
  })

  it('scales up and down', async () => {
    for (const replicas of [10, 1]) {
      await kubectl.ok(['scale', 'deployment/web', `--replicas=${replicas}`])
      await eventually(async () => {
        const pods = await list('app=web')
        expect(pods).toHaveLength(replicas)
        expect(pods.every(pod => pod.status?.conditions?.some(c => c.type === 'Ready' && c.status === 'True'))).toBe(
          true,
        )
      }, 120_000)
    }
  })

  it('survives kill -9 without restarting anything', async () => {
    const before = restarts(await list(''))
    await kubectl.ok(['create', 'configmap', 'last-words', '--from-literal=said=yes'])
    await cluster.engine.end('SIGKILL')
    const containers = (await docker.listContainers(labelled)).map(c => c.Id).sort()
    await cluster.start()
    expect(await kubectl.ok(['get', 'configmap', 'last-words', '-o', 'jsonpath={.data.said}'])).toBe('yes')
    await kubectl.ok(['wait', 'pod', '--all', '--for=condition=Ready', '--timeout=60s'])
    expect(restarts(await list(''))).toEqual(before)
    expect((await docker.listContainers(labelled)).map(c => c.Id).sort()).toEqual(containers)
    expect((await kubectl.run(['exec', 'client', '--', 'wget', '-qO-', 'http://web/'])).code).toBe(0)
  })

  it('stops on SIGTERM and leaves pods running, until down stops them', async () => {
    expect(await cluster.engine.end('SIGTERM')).toBe(0)
    expect((await docker.listContainers(labelled)).length).toBeGreaterThan(2)
    expect(cluster.podbay('down').code).toBe(0)
    expect(await docker.listContainers(labelled)).toEqual([])
    await cluster.start()
    await kubectl.ok(['wait', 'pod', '--all', '--for=condition=Ready', '--timeout=120s'])
  })

  it('deletes what was applied', async () => {
    await kubectl.ok(['delete', '-f', '-', '--timeout=120s'], manifest)
    await eventually(async () => expect(await list('')).toEqual([]))
  })

  it('leaves nothing behind when the cluster is deleted', async () => {
    await cluster.engine.end('SIGTERM')
    expect(cluster.podbay('delete')).toMatchObject({ code: 0 })
    expect(await docker.listContainers({ ...labelled, all: true })).toEqual([])
    expect((await docker.listNetworks(labelled)).map(network => network.Name)).toEqual([])
    expect((await docker.listVolumes(labelled)).Volumes).toEqual([])
  })
})
