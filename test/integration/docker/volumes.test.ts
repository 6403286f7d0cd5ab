import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createVolumeHost } from '../../../main/kubelet/docker/volumes.ts'
import type { VolumeHost } from '../../../main/kubelet/host.ts'
import { withoutDocker } from '../../helpers/docker.ts'
import { clusterName, createTestNode, execute, removeAll, runContainer, runSandbox, type TestNode } from './node.ts'

const cluster = clusterName('volumes')
const file = (path: string, text: string, mode = 0o644) => ({ path, data: Buffer.from(text), mode })

describe.skipIf(withoutDocker)('volumes on the host of the engine', () => {
  let node: TestNode
  let volumes: VolumeHost
  beforeAll(async () => {
    node = await createTestNode(cluster)
    volumes = createVolumeHost(node)
  })
  afterAll(async () => {
    await node[Symbol.asyncDispose]()
    await removeAll(cluster)
  })

  async function container(uid: string, mounts: { containerPath: string; hostPath: string }[]) {
    const sandbox = await runSandbox(node, uid)
    return runContainer(node, sandbox, { mounts: mounts.map(mount => ({ readOnly: false, ...mount })) })
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
    await volumes.localPath(hostPath, { id: 2000, always: false })
    expect(await look()).toBe('2000 2777\n2000 2770\n2000 660')
    expect(await run(id, 'stat -c %g /etc/passwd')).toBe('0')
    await run(id, 'chgrp 0 /local/d/f')
    await volumes.localPath(hostPath, { id: 2000, always: false })
    expect(await look()).toBe('2000 2777\n2000 2770\n0 660')
    await volumes.localPath(hostPath, { id: 2000, always: true })
    expect(await look()).toBe('2000 2777\n2000 2770\n2000 660')
    await expect(volumes.localPath('/no/such')).rejects.toThrow('path "/no/such" does not exist')
    await expect(volumes.localPath('/etc/passwd')).rejects.toThrow('only directory and block device are supported')
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
    expect(await run(id, 'ls /memory')).toBe('big')
  })

  it('writes a file in place, so that a container that has it mounted sees the change', async () => {
    const hostPath = await volumes.file('p4', 'etc-hosts', Buffer.from('old'), 0o644)
    const id = await container('p4', [{ containerPath: '/etc/hosts', hostPath }])
    await volumes.file('p4', 'etc-hosts', Buffer.from("it's new"), 0o644)
    expect(await run(id, 'cat /etc/hosts')).toBe("it's new")
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
