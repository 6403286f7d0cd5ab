import type Docker from 'dockerode'
import { posix } from 'node:path'
import type { VolumeUsage } from '../host.ts'
import type { DiskUsage } from '../runtime.ts'
import type { NodeAgent } from './agent/agent.ts'
import { onHost } from './agent/host-root.ts'
import { quote } from './agent/quote.ts'
import { unlessGone } from './engine-errors.ts'

/** A container's writable layer as the engine measures it, and its log files on the engine's host. Nothing of one that is gone. */
export async function diskUsageOf(docker: Docker, agent: NodeAgent, id: string): Promise<DiskUsage> {
  const info = await unlessGone(docker.getContainer(id).inspect({ size: true } as object))
  if (!info) return { writable: 0, logs: 0, inodes: 0 }
  const { SizeRw = 0, GraphDriver } = info as { SizeRw?: number; GraphDriver?: { Data?: { UpperDir?: string } | null } }
  const layer = GraphDriver?.Data?.UpperDir
  const steps = [
    layer === undefined ? 'echo 0' : `find ${quote(layer)} 2>/dev/null | wc -l`,
    ...(info.LogPath === '' ? [] : [`stat -c %s ${quote(posix.dirname(info.LogPath))}/*.log* 2>/dev/null || true`]),
  ]
  const [files = 0, ...sizes] = (await agent.runAside(onHost(steps.join('\n')))).trim().split('\n').map(Number)
  return { writable: SizeRw, logs: sizes.reduce((sum, size) => sum + size, 0), inodes: files + sizes.length }
}

/** What the directories in a pod's `volumes` take, by their names. */
export async function volumeUsage(agent: NodeAgent, directory: string): Promise<Map<string, VolumeUsage>> {
  const script = `cd ${quote(directory)} 2>/dev/null || exit 0
for v in *; do
  [ -d "$v" ] || continue
  echo "$(du -sk "./$v" | cut -f1) $(find "./$v" | wc -l) $(stat -f -c '%S %b %a %c %d %T' "./$v") $v"
done`
  const lines = (await agent.runAside(script)).split('\n').filter(line => line !== '')
  return new Map(
    lines.map(line => {
      const [used = 0, files = 0, block = 0, blocks = 0, free = 0, inodes = 0, inodesFree = 0, type, ...name] =
        line.split(' ')
      const usage = {
        usedBytes: Number(used) * 1024,
        inodesUsed: Number(files),
        capacityBytes: Number(block) * Number(blocks),
        availableBytes: Number(block) * Number(free),
        inodes: Number(inodes),
        inodesFree: Number(inodesFree),
        inMemory: type === 'tmpfs',
      }
      return [name.join(' '), usage]
    }),
  )
}

/** Bytes of the file system on the engine's host that its images are on. */
export async function imageFileSystem(docker: Docker, agent: NodeAgent) {
  const { DockerRootDir } = (await docker.info()) as { DockerRootDir: string }
  const said = await agent.runAside(onHost(`stat -f -c '%S %b %a' ${quote(DockerRootDir)}`))
  const [block = 0, blocks = 0, free = 0] = said.trim().split(' ').map(Number)
  return { capacityBytes: block * blocks, availableBytes: block * free }
}
