import type Docker from 'dockerode'
import { systemClock } from '../shared/machinery/clock.ts'
import type { Config } from './config.ts'
import { connectDocker } from './kubelet/docker/connect.ts'
import { removeCluster, stopCluster } from './kubelet/docker/remove-cluster.ts'

/** Stops the cluster's containers; they stay, and the next `up` starts the pods again. */
export async function stopContainers({ name, runtime }: Config): Promise<void> {
  if (runtime !== 'simulated') await stopCluster(await answering(name), name)
}

/** Removes the cluster's containers, networks, volumes and its directory on the engine's host. */
export async function removeContainers({ name, runtime, agentImage }: Config): Promise<void> {
  if (runtime !== 'simulated') await removeCluster(await answering(name), name, { image: agentImage })
}

/** The Docker Engine, or an Error that says what is left to do: half a removal would be forgotten. */
async function answering(name: string): Promise<Docker> {
  const { docker } = connectDocker({ clock: systemClock })
  try {
    await docker.ping()
    return docker
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new Error(`Docker does not answer (${why}), so the containers of ${name} stay; start Docker and try again`, {
      cause: error,
    })
  }
}
