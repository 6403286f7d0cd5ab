import { describe, expect, it } from 'vitest'
import type { KubeEvent, Pod } from '../../shared/api/core.ts'
import type { ProbeResults } from '../../shared/machinery/probe-results.ts'
import { useCluster } from '../helpers/cluster.ts'
import { withoutDocker } from '../helpers/docker.ts'
import { eventually } from '../helpers/eventually.ts'
import { shellPod, untilEnded } from '../helpers/shell-pod.ts'

const often = { periodSeconds: 1, failureThreshold: 1 }

describe.skipIf(withoutDocker)(`probes on Docker ${withoutDocker}`, () => {
  const cluster = useCluster('probes')
  const status = async (name: string) => (await cluster.read<Pod>('pod', name)).status?.containerStatuses?.[0]
  const told = async (name: string) =>
    (await cluster.list<KubeEvent>('events', `--field-selector=involvedObject.name=${name}`)).map(e => e.message)

  it('ask by exec, HTTP and TCP, and by the names of variables and ports', async () => {
    const http = { image: 'podbay.test/http:1', command: [], ports: [{ name: 'web', containerPort: 8080 }] }
    await cluster.apply(
      shellPod('good', '', {
        container: {
          ...http,
          env: [{ name: 'FILE', value: '/etc/hosts' }],
          startupProbe: { ...often, failureThreshold: 30, tcpSocket: { port: 'web' } },
          livenessProbe: { ...often, exec: { command: ['test', '-f', '$(FILE)'] }, timeoutSeconds: 10 },
          readinessProbe: { ...often, httpGet: { path: '/', port: 'web' }, timeoutSeconds: 5 },
        },
      }),
    )
    await cluster.ready('good')
    await cluster.inPod('good', 'curl -s localhost:8080/cgi-bin/fail')
    await eventually(async () => expect((await status('good'))?.ready).toBe(false))
    expect(await told('good')).toContain('Readiness probe failed: HTTP probe failed with statuscode: 404')
    await cluster.inPod('good', 'curl -s localhost:8080/cgi-bin/recover')
    await cluster.ready('good')
    expect((await status('good'))?.restartCount).toBe(0)
  })

  it('end a container that fails within the time that the probe gives, and start it again', async () => {
    const livenessProbe = {
      ...often,
      exec: { command: ['sh', '-c', 'echo why; echo not >&2; exit 1'] },
      initialDelaySeconds: 1,
      timeoutSeconds: 10,
      terminationGracePeriodSeconds: 1,
    }
    // It takes no notice of the signal, and its pod would give it an hour.
    const spec = { terminationGracePeriodSeconds: 3600 }
    await cluster.apply(
      shellPod('bad', "trap '' TERM; while :; do sleep 1; done", { container: { livenessProbe }, spec }),
    )
    await eventually(async () => expect((await status('bad'))?.restartCount).toBeGreaterThan(0))
    const messages = await told('bad')
    expect(messages).toContain('Liveness probe failed: why\nnot\n')
    expect(messages).toContain('Container c failed liveness probe, will be restarted')
    expect((await status('bad'))?.lastState?.terminated).toMatchObject({ exitCode: 137, reason: 'Error' })
    // For the window its node keeps what was answered, past the end of the container.
    const { uid } = (await cluster.read<Pod>('pod', 'bad')).metadata
    const kept = await cluster.kubectl.ok(['get', '--raw', `/api/v1/nodes/${cluster.node}/proxy/probes/${uid}`])
    const [results] = JSON.parse(kept) as ProbeResults[]
    expect(results).toMatchObject({ container: 'c', probe: 'liveness' })
    expect(results?.answers[0]).toMatchObject({ outcome: 'failure', output: 'why\nnot\n' })
    await cluster.kubectl.ok(['delete', 'pod', 'bad', '--grace-period=1', '--wait=false'])
  })

  it('fail when a command takes too long', async () => {
    const readinessProbe = { ...often, exec: { command: ['sleep', '60'] } }
    await cluster.apply(shellPod('slow', untilEnded, { container: { readinessProbe } }))
    const message = 'Readiness probe failed: command timed out: "sleep 60" timed out after 1s'
    await eventually(async () => expect(await told('slow')).toContain(message))
  })
})
