import { beforeAll, describe, expect, it } from 'vitest'
import { AGENT } from '../../../main/kubelet/docker/agent/agent.ts'
import { onHost } from '../../../main/kubelet/docker/agent/host-root.ts'
import { createEngineVolumes } from '../../../main/kubelet/docker/engine-volumes.ts'
import { POD_UID } from '../../../main/kubelet/docker/labels.ts'
import { createDockerVolumeStore } from '../../../main/kubelet/docker/volume-store.ts'
import { createVolumeHost } from '../../../main/kubelet/docker/volumes.ts'
import type { VolumeHost } from '../../../main/kubelet/host.ts'
import { withoutDocker } from '../../helpers/docker.ts'
import { clusterName, execute, runContainer, runSandbox, shell, useTestNode } from './node.ts'

const cluster = clusterName('volumes')
const file = (path: string, text: string, mode = 0o644) => ({ path, data: Buffer.from(text), mode })

describe.skipIf(withoutDocker)('volumes on the host of the engine', () => {
  const node = useTestNode(cluster)
  let volumes: VolumeHost
  beforeAll(() => {
    volumes = createVolumeHost(node)
  })

  async function container(uid: string, mounts: { containerPath: string; hostPath: string }[]) {
    const sandbox = await runSandbox(node, uid)
    return runContainer(node, sandbox, { mounts: mounts.map(mount => ({ readOnly: false, ...mount })) })
  }
  /** Names of what the engine was asked to help with in a pod's volumes. */
  async function leftOf(uid: string) {
    const filters = { label: [`${POD_UID}=${uid}`] }
    const [containers, found] = await Promise.all([
      node.docker.listContainers({ all: true, filters: { label: [...filters.label, AGENT] } }),
      node.docker.listVolumes({ filters }),
    ])
    return [...containers.flatMap(({ Names }) => Names.map(name => name.slice(1))), ...found.Volumes.map(v => v.Name)]
  }
  const run = async (id: string, script: string) => (await execute(node, id, ['sh', '-c', script])).stdout.trim()

  it('replaces files in one step, seen by the container that runs, and keeps its hands off what did not change', async () => {
    const first = [file('a', '1'), file('deep/b', '2', 0o400)]
    const hostPath = await volumes.project('p1', 'config', first, { secret: false })
    const id = await container('p1', [{ containerPath: '/config', hostPath }])
    expect(await run(id, 'cat /config/a /config/deep/b; stat -Lc %a /config/a /config/deep/b')).toBe('12644\n400')
    const data = await run(id, 'readlink /config/..data')
    await volumes.project('p1', 'config', first, { secret: false })
    expect(await run(id, 'readlink /config/..data')).toBe(data)
    await volumes.project('p1', 'config', [file('a', 'new'), file('c', '3')], { secret: false })
    expect(await run(id, 'cat /config/a /config/c; ls /config; ls -A /config | grep -c "^\\.\\."')).toBe('new3a\nc\n2')
  })

  it('measures what is in volumes, and tells what is in memory', async () => {
    const disk = await volumes.directory('p9', 'disk', {})
    const memory = await volumes.directory('p9', 'memory', { tmpfs: { sizeLimit: 2 ** 20 } })
    const id = await container('p9', [
      { containerPath: '/disk', hostPath: disk },
      { containerPath: '/memory', hostPath: memory },
    ])
    await run(id, 'dd if=/dev/zero of=/disk/big bs=1M count=3; dd if=/dev/zero of=/memory/small bs=1k count=8')
    const usage = await volumes.usage('p9')
    expect(usage.get('disk')?.usedBytes).toBeGreaterThanOrEqual(3 * 2 ** 20)
    expect(usage.get('disk')).toMatchObject({ inMemory: false, inodesUsed: 2 })
    expect(usage.get('memory')).toMatchObject({ inMemory: true, capacityBytes: 2 ** 20, usedBytes: 8192 })
    await run(id, 'dd if=/dev/zero of=/big bs=1M count=2; dd if=/dev/zero bs=1k count=64 of=/proc/1/fd/1')
    const { writable, logs } = await node.runtime.diskUsage(id)
    expect(writable).toBeGreaterThanOrEqual(2 * 2 ** 20)
    expect(logs).toBeGreaterThan(64 * 1024)
    expect(await volumes.usage('none')).toEqual(new Map())
  })

  it("gives a directory to a group, all of it or only where its root is not the group's yet", async () => {
    const hostPath = await volumes.directory('p10', 'local', {})
    const id = await container('p10', [{ containerPath: '/local', hostPath }])
    const look = () => run(id, 'stat -c "%g %a" /local /local/d /local/d/f')
    await run(id, 'mkdir -m 700 /local/d; touch /local/d/f; chmod 400 /local/d/f; ln -s /etc/passwd /local/link')
    await volumes.localPath(hostPath, { group: { id: 2000, always: false } })
    expect(await look()).toBe('2000 2777\n2000 2770\n2000 660')
    expect(await run(id, 'stat -c %g /etc/passwd')).toBe('0')
    await run(id, 'chgrp 0 /local/d/f')
    await volumes.localPath(hostPath, { group: { id: 2000, always: false } })
    expect(await look()).toBe('2000 2777\n2000 2770\n0 660')
    await volumes.localPath(hostPath, { group: { id: 2000, always: true } })
    expect(await look()).toBe('2000 2777\n2000 2770\n2000 660')
    await expect(volumes.localPath('/no/such', {})).rejects.toThrow('path "/no/such" does not exist')
    await expect(volumes.localPath('/etc/passwd', {})).rejects.toThrow('only directory and block device are supported')
  })

  it('reads what a container uses, and gives it other limits while it runs', async () => {
    const id = await container('p10', [])
    const usage = await node.runtime.usage(id)
    expect(usage?.memory.usageBytes).toBeGreaterThan(0)
    expect(usage?.processes).toBeGreaterThan(0)
    const limits = { cpuShares: 512, cpuQuota: 50_000, memoryLimit: 64 * 2 ** 20, oomScoreAdj: 0 }
    await node.runtime.updateContainer(id, limits)
    const { HostConfig } = await node.docker.getContainer(id).inspect()
    expect(HostConfig).toMatchObject({ CpuShares: 512, CpuQuota: 50_000, Memory: 64 * 2 ** 20 })
    await node.runtime.stopContainer(id, 0)
    expect(await node.runtime.usage(id)).toBeUndefined()
  })

  it('keeps secrets in memory, readable for the group alone', async () => {
    const hostPath = await volumes.project('p2', 'secret', [file('key', 's', 0o400)], { secret: true, group: 2000 })
    const id = await container('p2', [{ containerPath: '/secret', hostPath }])
    expect(await run(id, 'stat -fc %T /secret; stat -Lc "%a %g" /secret/key; cat /secret/key')).toBe(
      'tmpfs\n440 2000\ns',
    )
  })

  it('gives files to a user, and directories with all that is in them to a group', async () => {
    const files = [{ ...file('deep/token', 't', 0o600), user: 1000 }, file('ca', 'c', 0o400)]
    const mounts = [
      { containerPath: '/user', hostPath: await volumes.project('p7', 'user', files, { secret: true }) },
      { containerPath: '/group', hostPath: await volumes.project('p7', 'group', files, { secret: true, group: 2000 }) },
    ]
    const id = await container('p7', mounts)
    const seen = async (paths: string) => (await run(id, `stat -c "%a %u %g" ${paths}`)).split('\n')
    expect(await seen('/user/deep/token /user/..data/')).toEqual(['600 1000 0', '755 0 0'])
    expect(await seen('/group/deep/token /group/..data/ca')).toEqual(['640 1000 2000', '440 0 2000'])
    expect(await seen('/group/deep/ /group/..data/ /group')).toEqual(['2755 0 2000', '2755 0 2000', '2777 0 2000'])
    expect(await run(id, 'stat -c %g /group/ca /group/..data')).toBe('2000\n2000')
    expect(await run(id, 'find /user/..data/ -type f -mtime -1 | sort')).toBe(
      '/user/..data/ca\n/user/..data/deep/token',
    )
  })

  it('limits an emptyDir in memory, and shares it between containers', async () => {
    const hostPath = await volumes.directory('p3', 'memory', { tmpfs: { sizeLimit: 1 << 20 } })
    const id = await container('p3', [{ containerPath: '/memory', hostPath }])
    expect(await run(id, 'head -c 2m /dev/zero >/memory/big; stat -c %s /memory/big')).toBe(String(1 << 20))
    expect(await volumes.directory('p3', 'memory', { tmpfs: { sizeLimit: 1 << 20 } })).toBe(hostPath)
    expect(await run(id, 'ls /memory; stat -c %a /memory')).toBe('big\n1777')
    await volumes.directory('p3', 'grouped', { tmpfs: { sizeLimit: 0 }, group: 2000 })
    expect(await node.agent.mustRun(`stat -c '%a %g' ${hostPath.replace('memory', 'grouped')}`)).toBe('3777 2000\n')
  })

  it('writes files in place, so that a container that has them mounted sees the change', async () => {
    const files = (text: string) => [
      { name: 'etc-hosts', text, mode: 0o644 },
      { name: 'deep/message', text: '', mode: 0o666 },
    ]
    const [hosts = '', message = ''] = await volumes.files('p4', files('old'))
    const id = await container('p4', [
      { containerPath: '/etc/hosts', hostPath: hosts },
      { containerPath: '/message', hostPath: message },
    ])
    await volumes.files('p4', files("it's %s new\\n\n"))
    expect(await run(id, 'cat /etc/hosts')).toBe("it's %s new\\n")
    expect(await run(id, 'stat -c "%a %s" /etc/hosts /message')).toBe('644 14\n666 0')
  })

  it('mounts a path below a volume, whatever takes its place, and does not follow a link out of it', async () => {
    const hostPath = await volumes.directory('p5', 'data', { group: 3000 })
    const sub = (path: string, name = 'data/app/0') => volumes.subPath(hostPath, path, { podUid: 'p5', name })
    const directory = await sub('a/b')
    const first = await container('p5', [{ containerPath: '/data', hostPath }])
    expect(await run(first, 'stat -c "%a %g" /data/a/b; cd /data; echo f >file; ln -s file link; ln -s /etc out')).toBe(
      '2777 3000',
    )
    const linked = await sub('link', 'data/app/1')
    await run(first, 'cd /data; echo in >a/b/mine; mv a/b kept; ln -s /etc a/b; mv file old; ln -s /etc/hostname file')
    const second = await container('p5b', [
      { containerPath: '/directory', hostPath: directory },
      { containerPath: '/file', hostPath: linked },
    ])
    expect(await run(second, 'ls /directory; cat /directory/mine /file')).toBe('mine\nin\nf')
    for (const path of ['out', 'out/passwd', 'out/new', 'a/b', 'a/b/new', 'link'])
      await expect(sub(path), path).rejects.toThrow('leads out')
    await expect(sub('../../other')).rejects.toThrow('unsafe')
    expect(await sub('kept')).toBe(directory)
    expect(await node.agent.mustRun(`ls ${directory}`)).toBe('mine\n')
    await volumes.removePod('p5')
    expect((await node.agent.run('grep /p5/ /proc/self/mountinfo')).output.toString()).toBe('')
  })

  it("gives a node a /var/log of its own, where the engine's logs have the names that log agents know", async () => {
    const root = await volumes.hostPath('/var/log/', 'Directory')
    expect(root).toBe(`/var/lib/podbay/${cluster}/n1/log`)
    expect(await volumes.hostPath('/etc', 'Directory')).toBe('/etc')
    await expect(volumes.hostPath('/var/log/none', 'Directory')).rejects.toThrow(
      'hostPath type check failed: /var/log/none is not a directory',
    )
    const [one, other] = [await container('p11', []), await container('p12', [])]
    const links = async () => (await node.agent.mustRun(`cd ${root} && find . -type l | sort`)).trim().split('\n')
    const ofPod = (uid: string, id: string) => [
      `./containers/${uid}_default_app-${id}.log`,
      `./pods/default_${uid}_${uid}/app/0.log`,
    ]
    expect(await links()).toEqual(expect.arrayContaining([...ofPod('p11', one), ...ofPod('p12', other)]))
    const targets = `cd ${root} && readlink containers/*-${one}.log && readlink pods/*_p11/app/0.log`
    expect(await node.agent.mustRun(targets)).toMatch(
      RegExp(`^/var/log/pods/default_p11_p11/app/0.log\n/.*/containers/${one}/${one}-json.log\n$`),
    )

    await node.runtime.removeContainer(one)
    const left = await links()
    for (const link of ofPod('p11', one)) expect(left).not.toContain(link)
    expect(left).toEqual(expect.arrayContaining(ofPod('p12', other)))
    // Those of containers that were removed behind the node's back.
    await volumes.removePod('p12')
    for (const link of ofPod('p12', other)) expect(await links()).not.toContain(link)
  })

  it('leaves what is below a hostPath alone when the pod goes', async () => {
    const path = `/var/lib/podbay/${cluster}/kept`
    await volumes.hostPath(path, '')
    await node.agent.mustRun(`mkdir ${path}/deep && echo mine >${path}/deep/file`)
    const options = { podUid: 'p8', name: 'host/app/0' }
    const bound = await volumes.subPath(path, 'deep', options)
    expect(await volumes.subPath(path, 'deep', options)).toBe(bound)
    const id = await container('p8', [{ containerPath: '/deep', hostPath: bound }])
    expect(await run(id, 'cat /deep/file')).toBe('mine')
    await volumes.removePod('p8')
    expect(await node.agent.mustRun(`cat ${path}/deep/file; grep -c /p8/ /proc/self/mountinfo || true`)).toBe(
      'mine\n0\n',
    )
  })

  it('checks what a hostPath is, and makes what may be made', async () => {
    const root = `/var/lib/podbay/${cluster}`
    await volumes.hostPath(`${root}/made/deep`, 'DirectoryOrCreate')
    await volumes.hostPath(`${root}/made/deep`, 'Directory')
    await volumes.hostPath(`${root}/made/file`, 'FileOrCreate')
    await volumes.hostPath(`${root}/made/file`, 'File')
    await volumes.hostPath(`${root}/unset`, '')
    await volumes.hostPath('/dev/null', 'CharDevice')
    const refused = async (path: string, type: string, message: string) =>
      expect(volumes.hostPath(path, type)).rejects.toThrow(new Error(message))
    const failed = (path: string, what: string) => `hostPath type check failed: ${path} is not a ${what}`
    await refused(`${root}/none`, 'Directory', failed(`${root}/none`, 'directory'))
    await refused(root, 'FileOrCreate', failed(root, 'file'))
    await refused(root, 'Socket', failed(root, 'socket file'))
    await refused(`${root}/made/file`, 'DirectoryOrCreate', failed(`${root}/made/file`, 'directory'))
    await refused('/dev/null', 'BlockDevice', failed('/dev/null', 'block device'))
    expect(await node.agent.mustRun(`stat -c %a ${root}/made/deep ${root}/made/file ${root}/unset`)).toBe(
      '755\n644\n755\n',
    )
  })

  it('mounts a local volume with options of its own, which no one can remove meanwhile', async () => {
    const store = createDockerVolumeStore(node)
    const local = await store.create('local')
    await node.agent.mustRun(onHost(`echo '#!/bin/true' >${local}/run; chmod +x ${local}/run`))
    const bound = { podUid: 'p13', volume: 'local', options: ['noexec', 'ro'] }
    const hostPath = await volumes.localPath(local, { bound })
    expect(await volumes.localPath(local, { bound })).toBe(hostPath)
    const id = await container('p13', [{ containerPath: '/local', hostPath }])
    expect(await run(id, 'grep -o "/local [a-z,]*" /proc/self/mountinfo; /local/run 2>&1')).toMatch(
      /^\/local (?=.*\bro\b)(?=.*noexec).*\n.*Permission denied/,
    )
    await node.runtime.removeContainer(id)
    await expect(store.remove('local')).rejects.toThrow('volume is in use')
    await volumes.removePod('p13')
    expect(await node.agent.mustRun(onHost(`cat ${local}/run`))).toContain('true')
    await store.remove('local')
  })

  it('removes volumes that nobody wants and that are empty, but for those of pods', async () => {
    const store = createDockerVolumeStore(node)
    const [wanted, full, empty] = await Promise.all(['wanted', 'full', 'empty'].map(name => store.create(name)))
    await node.agent.mustRun(onHost(`echo data >${full}/data`))
    await store.removeEmpty(name => name === 'wanted')
    const left = `for d in ${wanted} ${full} ${empty}; do [ ! -d $d ] || echo $d; done`
    expect(await node.agent.mustRun(onHost(left))).toBe(`${wanted}\n${full}\n`)
    await Promise.all(['wanted', 'full'].map(name => store.remove(name)))
  })

  it("says in the engine's words why an export can not be mounted, and leaves nothing of it", async () => {
    const source = { server: '127.0.0.1', path: '/export', options: ['soft', 'retrans=0', 'timeo=1'] }
    const why = /failed to mount local volume: mount :\/export:.*addr=127.0.0.1,nfsvers=4,soft/
    await expect(volumes.nfs('p14', 'share', source)).rejects.toThrow(why)
    await expect(volumes.nfs('p14', 'share', source)).rejects.toThrow(why)
    expect(await volumes.pods()).toContain('p14')
    await volumes.removePod('p14')
    expect(await leftOf('p14')).toEqual([])
  })

  it('has the engine mount what it keeps mounted until the pod goes', async () => {
    const engine = createEngineVolumes(node)
    const place = { podUid: 'p15', volume: 'disk' }
    const options = { type: 'tmpfs', device: 'tmpfs', o: 'size=1m' }
    const hostPath = await engine.mount(place, options)
    expect(await engine.mount(place, options)).toBe(hostPath)
    const deep = await volumes.subPath(hostPath, 'deep', { podUid: 'p15', name: 'disk/app/0' })
    const id = await container('p15', [
      { containerPath: '/disk', hostPath },
      { containerPath: '/deep', hostPath: deep },
    ])
    expect(await run(id, 'echo 1 >/disk/deep/file; cat /deep/file; stat -fc %T /disk')).toBe('1\ntmpfs')
    await node.runtime.removeContainer(id)
    expect(await node.agent.mustRun(onHost(`cat ${hostPath}/deep/file`))).toBe('1\n')
    await volumes.removePod('p15')
    await engine.remove(place)
    await engine.remove(place)
    expect(await leftOf('p15')).toEqual([])
  })

  it("gives a container an image's files, and no more than these", async () => {
    const image = await node.runtime.image(shell)
    const hostPath = await volumes.image('p16', 'tools', image?.id ?? '')
    expect(await volumes.image('p16', 'tools', image?.id ?? '')).toBe(hostPath)
    const bin = { podUid: 'p16', name: 'tools/app/0', existing: true }
    const id = await container('p16', [
      { containerPath: '/tools', hostPath },
      { containerPath: '/bin-of', hostPath: await volumes.subPath(hostPath, 'bin', bin) },
    ])
    expect(
      await run(id, 'ls -A /tools/.dockerenv /tools/etc/resolv.conf; /tools/bin/sh -c "echo here"; ls /bin-of/sh'),
    ).toBe('here\n/bin-of/sh')
    await expect(volumes.subPath(hostPath, 'none', bin)).rejects.toThrow('no such subpath')
    expect(await leftOf('p16')).toEqual([])
    await expect(volumes.image('p17', 'gone', 'sha256:' + '0'.repeat(64))).rejects.toThrow('No such image')
    await volumes.removePod('p17')
  })

  it('lets mounts that come later through where a container asks for them', async () => {
    const hostPath = await volumes.directory('p18', 'shared', {})
    await node.agent.mustRun(`mkdir ${hostPath}/late`)
    const sandbox = await runSandbox(node, 'p18')
    const mounts = [
      { containerPath: '/none', hostPath, readOnly: false },
      { containerPath: '/slave', hostPath, readOnly: false, propagation: 'HostToContainer' as const },
      { containerPath: '/shared', hostPath, readOnly: false, propagation: 'Bidirectional' as const },
    ]
    const id = await runContainer(node, sandbox, { mounts })
    await node.agent.mustRun(`mount -t tmpfs tmpfs ${hostPath}/late && echo 1 >${hostPath}/late/file`)
    expect(await run(id, 'ls /none/late /slave/late /shared/late')).toBe(
      '/none/late:\n\n/shared/late:\nfile\n\n/slave/late:\nfile',
    )
    await volumes.removePod('p18')
  })

  it('makes room in files of the kubelet for what is mounted below them', async () => {
    const hostPath = await volumes.project('p19', 'config', [file('a', '1')], { secret: false, nested: ['tmp/deep'] })
    const other = await volumes.directory('p19', 'other', {})
    const mounts = [
      { containerPath: '/config', hostPath, readOnly: true },
      { containerPath: '/config/tmp/deep', hostPath: other, readOnly: false },
    ]
    const id = await runContainer(node, await runSandbox(node, 'p19'), { mounts })
    expect(await run(id, 'echo 2 >/config/tmp/deep/b; cat /config/a /config/tmp/deep/b')).toBe('12')
  })

  it('removes all of a pod, mounts included, and forgets it', async () => {
    await volumes.directory('p6', 'memory', { tmpfs: { sizeLimit: 0 } })
    await volumes.project('p6', 'secret', [file('k', 's')], { secret: true })
    expect(await volumes.pods()).toContain('p6')
    await volumes.removePod('p6')
    await volumes.removePod('p6')
    expect(await volumes.pods()).not.toContain('p6')
    expect((await node.agent.run('grep /p6/ /proc/self/mountinfo')).output.toString()).toBe('')
  })
})
