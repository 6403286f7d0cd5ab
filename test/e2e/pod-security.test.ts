import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Docker from 'dockerode'
import { describe, expect, it } from 'vitest'
import type { KubeEvent, Node, Pod } from '../../shared/api/core.ts'
import { useCluster } from '../helpers/cluster.ts'
import { withoutDocker } from '../helpers/docker.ts'
import { eventually } from '../helpers/eventually.ts'
import { shellPod, untilEnded } from '../helpers/shell-pod.ts'

const unknownClass = JSON.stringify({ spec: { runtimeClassName: 'unknown' } })

describe.skipIf(withoutDocker)(`security contexts on Docker ${withoutDocker}`, () => {
  const cluster = useCluster('pod-security')
  const docker = new Docker()
  const pod = (name: string) => cluster.read<Pod>('pod', name)

  it('make a process what its pod says', async () => {
    await cluster.apply(
      shellPod('plain', untilEnded, {
        container: {
          securityContext: {
            runAsUser: 1001,
            runAsGroup: 2002,
            readOnlyRootFilesystem: true,
            allowPrivilegeEscalation: false,
            capabilities: { drop: ['ALL'], add: ['NET_BIND_SERVICE'] },
            seccompProfile: { type: 'RuntimeDefault' },
          },
          volumeMounts: [{ name: 'data', mountPath: '/data' }],
        },
        spec: {
          volumes: [{ name: 'data', emptyDir: {} }],
          securityContext: {
            runAsNonRoot: true,
            supplementalGroups: [3003],
            fsGroup: 4004,
            sysctls: [{ name: 'net.ipv4.ip_unprivileged_port_start', value: '80' }],
          },
        },
      }),
    )
    await cluster.apply(
      shellPod('open', untilEnded, {
        container: {
          securityContext: { seccompProfile: { type: 'Unconfined' }, capabilities: { drop: ['CAP_CHOWN'] } },
        },
      }),
    )
    await cluster.ready('plain', 'open')
    const told = async (name: string, key: string) =>
      (await cluster.inPod(name, `awk '/^${key}:/ { print $2 }' /proc/self/status`)).trim()
    expect(await cluster.inPod('plain', 'id -u; id -g; id -G | tr " " "\\n" | sort')).toBe(
      '1001\n2002\n2002\n3003\n4004\n',
    )
    expect(await cluster.inPod('plain', 'touch /data/x && stat -c %g /data/x')).toBe('4004\n')
    expect((await cluster.kubectl.run(['exec', 'plain', '--', 'touch', '/x'])).output).toContain(
      'Read-only file system',
    )
    expect(await cluster.inPod('plain', 'cat /proc/sys/net/ipv4/ip_unprivileged_port_start')).toBe('80\n')
    expect(await told('plain', 'NoNewPrivs')).toBe('1')
    expect(await told('plain', 'CapBnd')).toBe('0000000000000400')
    expect(await told('plain', 'Seccomp')).toBe('2')
    expect(await told('open', 'Seccomp')).toBe('0')
    expect((await cluster.kubectl.run(['exec', 'open', '--', 'chown', '1', '/tmp'])).code).not.toBe(0)
  })

  it('filter system calls by profiles of the node', async () => {
    const profiles = join(cluster.dataDir, 'seccomp', cluster.node)
    mkdirSync(profiles, { recursive: true })
    const rule = { names: ['mkdir', 'mkdirat'], action: 'SCMP_ACT_ERRNO' }
    writeFileSync(
      join(profiles, 'no-mkdir.json'),
      JSON.stringify({ defaultAction: 'SCMP_ACT_ALLOW', syscalls: [rule] }),
    )
    const by = (localhostProfile: string) => ({
      spec: { securityContext: { seccompProfile: { type: 'Localhost', localhostProfile } } },
    })
    await cluster.apply(shellPod('filtered', untilEnded, by('no-mkdir.json')))
    await cluster.apply(shellPod('missing', untilEnded, by('none.json')))
    await cluster.ready('filtered')
    expect(await cluster.inPod('filtered', 'touch /tmp/file; mkdir /tmp/dir 2>&1 || echo refused')).toMatch(
      /Operation not permitted\s+refused/,
    )
    const path = join(profiles, 'none.json')
    await eventually(async () => {
      expect((await pod('missing')).status?.containerStatuses?.[0]?.state?.waiting).toEqual({
        reason: 'CreateContainerError',
        message: `cannot load seccomp profile "${path}": open ${path}: no such file or directory`,
      })
    })
  })

  it('are kept by what their RuntimeClass names', async () => {
    const runtimeClass = (name: string, handler: string) => ({
      apiVersion: 'node.k8s.io/v1',
      kind: 'RuntimeClass',
      metadata: { name },
      handler,
      overhead: { podFixed: { memory: '16Mi' } },
    })
    await cluster.apply(runtimeClass('plain', 'runc'))
    await cluster.apply(runtimeClass('nowhere', 'nothing-runs-this'))
    await cluster.apply(shellPod('classed', untilEnded, { spec: { runtimeClassName: 'plain' } }))
    await cluster.apply(shellPod('homeless', untilEnded, { spec: { runtimeClassName: 'nowhere' } }))
    await cluster.ready('classed')
    const { status } = await cluster.read<Node>('node', cluster.node)
    expect(status?.runtimeHandlers?.map(({ name }) => name)).toEqual(expect.arrayContaining(['', 'runc']))
    const { metadata, spec } = await pod('classed')
    expect(spec.overhead).toEqual({ memory: '16Mi' })
    const filters = { label: [`io.kubernetes.pod.uid=${metadata.uid}`, 'podbay.runtime-handler=runc'] }
    expect(await docker.listContainers({ filters })).toHaveLength(1)
    await eventually(async () => {
      const events = await cluster.list<KubeEvent>('events', '--field-selector=involvedObject.name=homeless')
      const failed = events.find(({ reason }) => reason === 'FailedCreatePodSandBox')
      expect(failed?.message).toMatch(/^Failed to create pod sandbox: .*nothing-runs-this/)
    })
    const { output } = await cluster.kubectl.run(['run', 'unknown', '--image=i', '--overrides', unknownClass])
    expect(output).toContain('pod rejected: RuntimeClass "unknown" not found')
  })

  it('are refused where they can not be kept', async () => {
    const names = { securityContext: { runAsNonRoot: true } }
    await cluster.apply(shellPod('root', untilEnded, { spec: names }))
    await cluster.apply(
      shellPod('strict', untilEnded, { spec: { securityContext: { supplementalGroupsPolicy: 'Strict' } } }),
    )
    const unsafe = { securityContext: { sysctls: [{ name: 'kernel.msgmax', value: '65536' }] } }
    await cluster.apply(shellPod('unsafe', untilEnded, { spec: unsafe }))
    await cluster.apply(shellPod('users', untilEnded, { spec: { hostUsers: false } }))
    await eventually(async () => {
      const { metadata, status } = await pod('root')
      expect(status?.containerStatuses?.[0]?.state?.waiting).toEqual({
        reason: 'CreateContainerConfigError',
        message: `container has runAsNonRoot and image will run as root (pod: "root_default(${metadata.uid})", container: c)`,
      })
    })
    const rejected = (name: string, reason: string, why: string) =>
      eventually(async () => {
        const { phase, reason: found, message } = (await pod(name)).status ?? {}
        expect({ phase, found, message }).toEqual({
          phase: 'Failed',
          found: reason,
          message: `Pod was rejected: ${why}`,
        })
      })
    await rejected(
      'strict',
      'SupplementalGroupsPolicyNotSupported',
      'SupplementalGroupsPolicy=Strict is not supported in this node',
    )
    await rejected('unsafe', 'SysctlForbidden', 'forbidden sysctl: "kernel.msgmax" not allowlisted')
    await eventually(async () => {
      const events = await cluster.list<KubeEvent>('events', '--field-selector=involvedObject.name=users')
      expect(events.map(e => e.message)).toContain(
        "Failed to create pod sandbox: can't set `spec.hostUsers: false`, runtime does not support user namespaces",
      )
    })
  })
})
