import type Docker from 'dockerode'
import type { ContainerCreateOptions } from 'dockerode'
import { pipeline } from 'node:stream/promises'
import type { NfsSource } from '../host.ts'
import { AGENT, type NodeAgent } from './agent/agent.ts'
import { quote } from './agent/quote.ts'
import { createNamed } from './create-container.ts'
import { demultiplex } from './demultiplex.ts'
import { orFault, removalInProgress, unlessGone } from './engine-errors.ts'
import { ownerLabels, POD_UID, type Owner } from './labels.ts'

/** A volume of a pod, and the engine's help in it. */
interface Place {
  podUid: string
  volume: string
}

/**
 * Volumes of pods for which the engine is asked, not the node agent. Each has a container of its own beside the pod's,
 * which the caller must see to: `remove` takes container and volume along.
 */
export interface EngineVolumes {
  /** Has the engine mount a volume, and keeps it mounted; returns where. Rejects with the engine's reason. */
  mount(place: Place, options: MountOptions): Promise<string>
  /** Lets nobody remove a volume of the engine while the pod uses it by another path. */
  hold(place: Place, engineVolume: string): Promise<void>
  /** Writes an image's files into a directory that is empty. */
  unpack(place: Place, imageId: string, directory: string): Promise<void>
  /** Removes what was made for a volume. No error if there is nothing. */
  remove(place: Place): Promise<void>
}

/** Of the engine's `local` driver: what it hands to mount(2), in Docker's own words. */
interface MountOptions {
  type: string
  device: string
  o: string
}

interface Options {
  docker: Docker
  agent: NodeAgent
  owner: Owner
}

export function createEngineVolumes({ docker, agent, owner }: Options): EngineVolumes {
  const volumeName = ({ podUid, volume }: Place) => `podbay.${owner.cluster}.${podUid}.${volume}`
  const labelsOf = ({ podUid }: Place) => ({ ...ownerLabels(owner), [POD_UID]: podUid })

  /** Found by its name again: after a crash it is replaced, unless it runs. */
  async function helper(place: Place, options: ContainerCreateOptions) {
    const { id, existing } = await createNamed(
      docker,
      {
        ...options,
        name: containerName(place),
        Labels: { ...labelsOf(place), [AGENT]: 'volume' },
        HostConfig: { NetworkMode: 'none', LogConfig: { Type: 'none', Config: {} }, ...options.HostConfig },
      },
      { adopt: true, random: Math.random },
    )
    return { container: docker.getContainer(id), existing }
  }
  const containerName = ({ podUid, volume }: Place) => `podbay_volume_${owner.cluster}_${podUid}_${volume}`

  /** A container of the agent's image that has a volume at /volume; where it is mounted is nobody's affair. */
  async function holder(place: Place, volume: string) {
    const { Image } = await docker.getContainer(await agent.containerId()).inspect()
    const Mounts = [{ Type: 'volume' as const, Source: volume, Target: '/volume' }]
    return helper(place, { Image, Entrypoint: ['tail', '-f', '/dev/null'], HostConfig: { Mounts } })
  }

  async function mount(place: Place, { type, device, o }: MountOptions): Promise<string> {
    const Name = volumeName(place)
    await docker.createVolume({ Name, Driver: 'local', DriverOpts: { type, device, o }, Labels: labelsOf(place) })
    const { container, existing } = await holder(place, Name)
    if (!existing) await container.start()
    return (await docker.getVolume(Name).inspect()).Mountpoint
  }

  async function unpack(place: Place, imageId: string, directory: string): Promise<void> {
    // It is never started: an image that is a volume need not have anything to run.
    const { container } = await helper(place, { Image: imageId, Entrypoint: ['-'] })
    const extract = await agent.stream([
      'sh',
      '-c',
      `cd ${quote(directory)} && tar -x -p && ${forgetOwnFiles} && echo done`,
    ])
    try {
      const files = await container.export()
      const [said] = await Promise.all([textOf(extract), pipeline(files, extract)])
      if (!said.endsWith('done\n')) throw new Error(`cannot unpack the image: ${said.trim()}`)
    } finally {
      extract.destroy()
    }
    await container.remove({ force: true, v: true })
  }

  return {
    mount: (place, options) => orFault('CreateContainerError', mount(place, options)),
    async hold(place, engineVolume) {
      await orFault('CreateContainerError', holder(place, engineVolume))
    },
    unpack: (place, imageId, directory) => orFault('CreateContainerError', unpack(place, imageId, directory)),
    async remove(place) {
      const container = docker.getContainer(containerName(place))
      const remove = async () => {
        await unlessGone(container.remove({ force: true, v: true }), removalInProgress)
        await unlessGone(docker.getVolume(volumeName(place)).remove())
      }
      await orFault('RuntimeUnavailable', remove())
    },
  }
}

/**
 * What Docker's `local` driver needs to mount an NFS export: it finds the server's address itself. Without a version the
 * kernel would take the oldest one, where mount.nfs(8), which v1.36 calls, takes the newest.
 */
export function nfsOptions({ server, path, options }: NfsSource): MountOptions {
  const hasVersion = options.some(option => /^(nfs)?vers=/.test(option) || option.startsWith('minorversion='))
  const o = [`addr=${server}`, ...(hasVersion ? [] : ['nfsvers=4']), ...options]
  return { type: 'nfs', device: `:${path}`, o: o.join() }
}

/** Lines of a script: what the engine puts into every container it creates is not of the image. */
const forgetOwnFiles = `
  rm -f .dockerenv
  for f in dev/console etc/hostname etc/hosts etc/resolv.conf; do [ -s "$f" ] || rm -f "$f"; done
  [ "$(readlink etc/mtab)" != /proc/mounts ] || rm etc/mtab
  rmdir dev/pts dev/shm dev etc proc sys 2>/dev/null || true`

async function textOf(stream: AsyncIterable<Uint8Array>): Promise<string> {
  let text = ''
  for await (const { data } of demultiplex(stream)) text += Buffer.from(data).toString()
  return text
}
