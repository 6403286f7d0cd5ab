import type Docker from 'dockerode'
import type { VolumeStore } from '../provisioner/volume-store.ts'
import type { NodeAgent } from './agent/agent.ts'
import { onHost } from './agent/host-root.ts'
import { quote } from './agent/quote.ts'
import { orFault, unlessGone } from './engine-errors.ts'
import { labelFilter, ownerLabels, POD_UID, type Owner } from './labels.ts'

const inUse = 409

interface Options {
  docker: Docker
  agent: NodeAgent
  owner: Owner
}

/**
 * Keeps each volume as a named volume of the engine, which outlives restarts of Docker Desktop's machine and can be seen,
 * copied and backed up with Docker's own tools. Its labels let it go with the cluster.
 */
export function createDockerVolumeStore({ docker, agent, owner }: Options): VolumeStore {
  const nameOf = (volume: string) => `podbay.${owner.cluster}.${volume}`

  async function create(volume: string): Promise<string> {
    const Name = nameOf(volume)
    // The engine answers with the one it has.
    await docker.createVolume({ Name, Labels: ownerLabels(owner) })
    const { Mountpoint } = await docker.getVolume(Name).inspect()
    await agent.mustRun(onHost(`chmod 0777 ${quote(Mountpoint)}`))
    return Mountpoint
  }

  async function removeEmpty(isKept: (volume: string) => boolean) {
    const prefix = nameOf('')
    const { Volumes } = await docker.listVolumes({ filters: { label: labelFilter(ownerLabels(owner)) } })
    for (const { Name, Labels, Mountpoint } of Volumes) {
      const volume = Name.slice(prefix.length)
      if (!Name.startsWith(prefix) || POD_UID in Labels || isKept(volume)) continue
      const { code } = await agent.run(onHost(`[ -z "$(ls -A ${quote(Mountpoint)})" ]`))
      if (code === 0 && !isKept(volume)) await unlessGone(docker.getVolume(Name).remove(), inUse)
    }
  }

  return {
    create: volume => orFault('RuntimeUnavailable', create(volume)),
    async remove(volume) {
      await orFault('RuntimeUnavailable', unlessGone(docker.getVolume(nameOf(volume)).remove()))
    },
    removeEmpty: isKept => orFault('RuntimeUnavailable', removeEmpty(isKept)),
  }
}

/**
 * The name of one of our volumes whose root this path is: it is mounted by name, so that the engine knows who uses it and
 * neither removes nor prunes it.
 */
export function volumeAt(path: string): string | undefined {
  return /\/volumes\/(podbay\.[^/]+)\/_data$/.exec(path)?.[1]
}
