import { beforeAll, describe, expect, it } from 'vitest'
import type { Pod } from '../../shared/api/core.ts'
import { useCluster } from '../helpers/cluster.ts'
import { withoutDocker } from '../helpers/docker.ts'
import { eventually } from '../helpers/eventually.ts'
import { shellImage, shellPod, untilEnded } from '../helpers/shell-pod.ts'

const sized = (cpu: string, memory: string) => ({ cpu, memory })
const resources = { requests: sized('250m', '32Mi'), limits: sized('500m', '64Mi') }
const shell = (name: string, script: string) => ({ name, ...shellImage, command: ['sh', '-c', script] })
/** Holds so many bytes, and hardly more at any time, until it is ended: they are one line that never ends. */
const hold = (bytes: number) =>
  `mkfifo /tmp/line; { head -c ${bytes} /dev/zero; ${untilEnded}; } >/tmp/line & exec tail -n 1 /tmp/line`
/** Prints what limits the members of cgroups, of either version, whose directories a command lists. */
const limitsOf = (directories: string) =>
  `for d in $(${directories}); do cd $d; grep . memory.limit_in_bytes cpu.cfs_quota_us memory.max cpu.max 2>/dev/null; done; true`
const ownLimits = limitsOf('cd /sys/fs/cgroup; ls -d $PWD $PWD/memory $PWD/cpu 2>/dev/null')
const memoryLimit = (bytes: number) => new RegExp(`^memory.(limit_in_bytes|max):${bytes}$`, 'm')
const cpuQuota = (micros: number) => new RegExp(`^cpu.(cfs_quota_us:${micros}|max:${micros} 100000)$`, 'm')

describe.skipIf(withoutDocker)(`resources of pods on Docker ${withoutDocker}`, () => {
  const cluster = useCluster('resources')
  const { apply, ready, inPod, kubectl } = cluster
  const pod = (name: string) => cluster.read<Pod>('pod', name)
  const patch = (name: string, spec: object) =>
    kubectl.run(['patch', 'pod', name, '--subresource', 'resize', '--patch', JSON.stringify({ spec })])
  const resize = async (name: string, spec: object) =>
    expect(await patch(name, spec)).toMatchObject({ code: 0, stdout: `pod/${name} patched\n` })

  // All at once: each test then waits for its own.
  beforeAll(async () => {
    await apply({
      apiVersion: 'v1',
      kind: 'List',
      items: [
        // Sees the cgroups of the engine's host.
        shellPod('host', untilEnded, {
          container: { volumeMounts: [{ name: 'cgroups', mountPath: '/cgroups', readOnly: true }] },
          spec: { volumes: [{ name: 'cgroups', hostPath: { path: '/sys/fs/cgroup' } }] },
        }),
        shellPod('burstable', untilEnded, { container: { resources } }),
        shellPod('best-effort'),
        shellPod('restarted', untilEnded, {
          container: { resources, resizePolicy: [{ resourceName: 'memory', restartPolicy: 'RestartContainer' }] },
        }),
        shellPod('whole', untilEnded, { spec: { resources } }),
        shellPod('greedy', '', {
          spec: {
            resources: { limits: { memory: '64Mi' } },
            restartPolicy: 'Never',
            containers: [
              shell('a', hold(26e6)),
              shell('b', `sleep 1; ${hold(26e6)}`),
              shell('c', `sleep 2; ${hold(26e6)}`),
            ],
          },
        }),
      ],
    })
  })

  /** What limits the pod of this uid as a whole; nothing if it has no cgroup. */
  const wholeLimits = (uid: string) =>
    inPod('host', limitsOf(`find /cgroups -type d -name '*podbay*pod${uid.replaceAll('-', '_')}*' -prune`))

  it('limits a container, and tells the kernel whom to kill first', async () => {
    await ready('burstable', 'best-effort')
    const seen = await inPod('burstable', ownLimits)
    expect(seen).toMatch(memoryLimit(64 * 2 ** 20))
    expect(seen).toMatch(cpuQuota(50_000))
    const score = async (name: string) => Number(await inPod(name, 'cat /proc/1/oom_score_adj'))
    expect(await score('best-effort')).toBe(1000)
    expect(await score('burstable')).toBeGreaterThan(2)
    expect(await score('burstable')).toBeLessThan(1000)
    const classes = await cluster.list<Pod>('pods')
    expect(Object.fromEntries(classes.map(({ metadata, status }) => [metadata.name, status?.qosClass]))).toMatchObject({
      burstable: 'Burstable',
      'best-effort': 'BestEffort',
      whole: 'Burstable',
      greedy: 'Burstable',
    })
  })

  it('resizes a container that goes on running', async () => {
    const more = { requests: sized('300m', '48Mi'), limits: sized('700m', '96Mi') }
    await resize('burstable', { containers: [{ name: 'c', resources: more }] })
    await eventually(async () => {
      const { metadata, status } = await pod('burstable')
      expect(status?.containerStatuses?.[0]).toMatchObject({
        resources: more,
        allocatedResources: more.requests,
        restartCount: 0,
      })
      expect(status?.observedGeneration).toBe(metadata.generation)
    })
    const seen = await inPod('burstable', ownLimits)
    expect(seen).toMatch(memoryLimit(96 * 2 ** 20))
    expect(seen).toMatch(cpuQuota(70_000))
  })

  it('restarts a container whose policy says so', async () => {
    await ready('restarted')
    const less = { requests: resources.requests, limits: sized('500m', '48Mi') }
    await resize('restarted', { containers: [{ name: 'c', resources: less }] })
    await eventually(async () => {
      const { status } = await pod('restarted')
      expect(status?.containerStatuses?.[0]).toMatchObject({ resources: less, restartCount: 1, ready: true })
    })
    expect(await inPod('restarted', ownLimits)).toMatch(memoryLimit(48 * 2 ** 20))
  })

  it('refuses another class, and what the node never has', async () => {
    const worse = await patch('best-effort', { containers: [{ name: 'c', resources: { requests: { cpu: '1000' } } }] })
    expect(worse.code).toBe(1)
    expect(worse.output).toContain('Pod QOS Class may not change as a result of resizing')
    const beyond = await patch('burstable', {
      containers: [{ name: 'c', resources: { requests: { cpu: '1000' }, limits: { cpu: '1000' } } }],
    })
    expect(beyond.output).toContain("node didn't have enough allocatable resources: cpu, requested: 1000000")
  })

  it('kills in a pod whose containers use more together than it may', async () => {
    await eventually(async () => {
      const states = (await pod('greedy')).status?.containerStatuses?.map(({ state }) => state)
      const killed = { terminated: expect.objectContaining({ reason: 'OOMKilled', exitCode: 137 }) as unknown }
      expect(states).toContainEqual(killed)
      expect(states?.filter(state => state?.running)).toHaveLength(2)
    })
  })

  it('limits a pod as a whole, resizes it, and leaves nothing of it', async () => {
    await ready('whole', 'host')
    const { metadata } = await pod('whole')
    const before = await wholeLimits(metadata.uid)
    expect(before).toMatch(memoryLimit(64 * 2 ** 20))
    expect(before).toMatch(cpuQuota(50_000))
    const more = { requests: sized('300m', '48Mi'), limits: sized('600m', '96Mi') }
    await resize('whole', { resources: more })
    await eventually(async () => {
      const { status } = await pod('whole')
      expect(status).toMatchObject({ resources: more, allocatedResources: more.requests })
      expect(status?.containerStatuses).toMatchObject([{ restartCount: 0, ready: true }])
    })
    const after = await wholeLimits(metadata.uid)
    expect(after).toMatch(memoryLimit(96 * 2 ** 20))
    expect(after).toMatch(cpuQuota(60_000))
    await kubectl.ok(['delete', 'pod', 'whole'])
    expect(await wholeLimits(metadata.uid)).toBe('')
  })
})
