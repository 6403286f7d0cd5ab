import { describe, expect, it } from 'vitest'
import type { KubeEvent, Pod } from '../../shared/api/core.ts'
import { useCluster } from '../helpers/cluster.ts'
import { withoutDocker } from '../helpers/docker.ts'
import { eventually } from '../helpers/eventually.ts'
import { shellImage, shellPod, untilEnded } from '../helpers/shell-pod.ts'

const shell = (name: string, script: string) => ({ name, ...shellImage, command: ['sh', '-c', script] })
const shared = { volumes: [{ name: 'shared', emptyDir: {} }] }
const volumeMounts = [{ name: 'shared', mountPath: '/shared' }]

describe.skipIf(withoutDocker)(`the life of a pod on Docker ${withoutDocker}`, () => {
  const cluster = useCluster('pod-life')
  const pod = (name: string) => cluster.read<Pod>('pod', name)
  const logs = (...args: string[]) => cluster.kubectl.ok(['logs', ...args])

  it('runs all containers of a pod again by a rule, and takes a variable from what the first wrote', async () => {
    const rule = { action: 'RestartAllContainers', exitCodes: { operator: 'In', values: [42] } }
    const count = {
      name: 'COUNT',
      valueFrom: { fileKeyRef: { volumeName: 'shared', path: 'count.env', key: 'COUNT' } },
    }
    await cluster.apply(
      shellPod('again', `echo round $COUNT; [ $COUNT -gt 1 ] || exit 42; ${untilEnded}`, {
        container: { restartPolicy: 'Never', restartPolicyRules: [rule], env: [count] },
        spec: {
          ...shared,
          restartPolicy: 'Never',
          initContainers: [
            {
              ...shell('count', `echo x >>/shared/n; echo "COUNT='$(wc -l </shared/n)'" >/shared/count.env`),
              volumeMounts,
            },
          ],
        },
      }),
    )
    await eventually(async () => expect(await logs('again', '-c', 'c')).toBe('round 2\n'))
    await cluster.ready('again')
    const { status } = await pod('again')
    expect(status).toMatchObject({
      initContainerStatuses: [{ restartCount: 1, lastState: { terminated: { reason: 'RestartingAllContainers' } } }],
      containerStatuses: [{ restartCount: 1 }],
    })
    expect(status?.conditions?.find(c => c.type === 'AllContainersRestarting')?.status).toBe('False')
  })

  it('ends sidecars last, after their hooks, and tells what containers said at their end', async () => {
    const write = (text: string) => `trap 'echo ${text} >>/shared/order; exit 0' TERM`
    const ended = `${write('app')}; while :; do sleep 60 & wait; done`
    const sidecar = {
      ...shell('proxy', `${write('proxy')}; while :; do sleep 60 & wait; done`),
      restartPolicy: 'Always',
      lifecycle: { preStop: { exec: { command: ['sh', '-c', 'echo hook >>/shared/order'] } } },
      volumeMounts,
    }
    const reader = {
      ...shell(
        'reader',
        `trap 'cat /shared/order >/dev/termination-log; exit 0' TERM; while :; do sleep 60 & wait; done`,
      ),
    }
    await cluster.apply(
      shellPod('order', ended, {
        container: { volumeMounts },
        spec: {
          ...shared,
          activeDeadlineSeconds: 15,
          terminationGracePeriodSeconds: 20,
          restartPolicy: 'Never',
          initContainers: [{ ...reader, restartPolicy: 'Always', volumeMounts }, sidecar],
        },
      }),
    )
    await cluster.ready('order')
    const { status } = await eventually(async () => {
      const found = await pod('order')
      expect(found.status?.phase).toBe('Failed')
      return found
    })
    expect(status?.reason).toBe('DeadlineExceeded')
    const [first] = status?.initContainerStatuses ?? []
    // The hook runs while the ordinary container ends.
    const [one, two, ...rest] = first?.state?.terminated?.message?.split('\n') ?? []
    expect([[one, two].sort(), rest]).toEqual([
      ['app', 'hook'],
      ['proxy', ''],
    ])
  })

  it('keeps what a failed hook said out of its event', async () => {
    const lifecycle = { postStart: { exec: { command: ['sh', '-c', 'echo no >&2; exit 3'] } } }
    await cluster.apply(shellPod('hooked', untilEnded, { container: { lifecycle } }))
    await eventually(async () => {
      const [event] = (await cluster.list<KubeEvent>('events')).filter(e => e.reason === 'FailedPostStartHook')
      expect(event?.message).toBe('PostStartHook failed')
    })
    await cluster.kubectl.ok(['delete', 'pod', 'hooked', '--wait=false'])
  })

  it('lets kubectl debug look at a container, and at a copy of its pod', async () => {
    const container = { env: [{ name: 'MARK', value: 'found' }] }
    await cluster.apply(shellPod('web', untilEnded, { container, spec: { hostnameOverride: 'www.example.com' } }))
    await cluster.ready('web')
    expect(await cluster.inPod('web', 'hostname')).toBe('www.example.com\n')
    const image = ['--image=podbay.test/shell:1', '--image-pull-policy=IfNotPresent']
    const debug = (...args: string[]) => cluster.kubectl.ok(['debug', 'web', ...image, ...args])
    await debug('--profile=general', '-c', 'look', '--target=c', '--', 'sh', '-c', 'tr "\\0" "\\n" </proc/1/environ')
    await eventually(async () => expect(await logs('web', '-c', 'look')).toContain('MARK=found\n'))
    await debug('--profile=baseline', '--copy-to=copy', '-c', 'look', '--share-processes', '--', 'sh', '-c', untilEnded)
    await cluster.ready('copy')
    expect((await pod('copy')).spec.containers.map(c => c.name)).toEqual(['c', 'look'])
    const { code, output } = await cluster.kubectl.run(['exec', 'copy', '-c', 'look', '--', 'ps'])
    expect([code, output.split('trap exit TERM').length]).toEqual([0, 3])
  })

  it('lets kubectl debug look at a node', async () => {
    const image = ['--image=podbay.test/shell:1', '--image-pull-policy=IfNotPresent']
    const look = ['--', 'sh', '-c', 'hostname; ls -d /host/etc; ps | grep " [/]pause" | head -n 1']
    const debug = ['debug', `node/${cluster.node}`, ...image, '--profile=general', ...look]
    await eventually(() => cluster.kubectl.ok(debug))
    const [made] = (await cluster.list<Pod>('pods')).filter(p => p.metadata.name.startsWith('node-debugger-'))
    const [name, root, process] = await eventually(async () => {
      const lines = (await logs(made?.metadata.name ?? '')).split('\n')
      expect(lines).toHaveLength(4)
      return lines
    })
    expect([name, root]).toEqual([cluster.node, '/host/etc'])
    // Not only its own.
    expect(process).toMatch(/ \/pause$/)
  })
})
