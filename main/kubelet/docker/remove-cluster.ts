import type Docker from 'dockerode'
import { AGENT } from './agent/agent.ts'
import { removeHostDirectory } from './agent/host-root.ts'
import type { AgentImageSettings } from './agent/image.ts'
import { removalInProgress, unlessGone } from './engine-errors.ts'
import { CLUSTER, labelFilter, NODE, ownerLabels, POD_UID, type Labels, type Owner } from './labels.ts'

/** Stops a cluster's containers, pods' and node agents'; they stay, and the next start of the engine finds them. */
export const stopCluster = (docker: Docker, cluster: string): Promise<void> =>
  stopContainers(docker, { labels: { [CLUSTER]: cluster }, graceSeconds: 10 })

/** Kills a node's containers; they stay, and the next start of the node finds them. */
export const haltNode = (docker: Docker, owner: Owner): Promise<void> =>
  stopContainers(docker, { labels: ownerLabels(owner), graceSeconds: 0 })

async function stopContainers(docker: Docker, { labels, graceSeconds }: { labels: Labels; graceSeconds: number }) {
  const running = await docker.listContainers({ filters: { label: labelFilter(labels) } })
  const [agents, others] = [running.filter(c => AGENT in c.Labels), running.filter(c => !(AGENT in c.Labels))]
  for (const some of [others, agents])
    await Promise.all(some.map(({ Id }) => unlessGone(docker.getContainer(Id).stop({ t: graceSeconds }), 304)))
}

/** Names of the nodes that have containers, running or not. */
export async function nodesOf(docker: Docker, cluster: string): Promise<Set<string>> {
  const label = [...labelFilter({ [CLUSTER]: cluster }), NODE]
  const containers = await docker.listContainers({ all: true, filters: { label } })
  return new Set(containers.map(({ Labels }) => Labels[NODE] ?? ''))
}

/**
 * Removes a node's containers, what the engine mounted for its pods, and its directory on the engine's host. Volumes of
 * claims stay. The agent goes last: where this breaks off, `nodesOf` still tells that something is left.
 */
export async function removeNode(
  docker: Docker,
  owner: Owner,
  { image }: Pick<AgentImageSettings, 'image'>,
): Promise<void> {
  const labels = ownerLabels(owner)
  await removeContainers(docker, [...labelFilter(labels), POD_UID])
  await removeVolumes(docker, [...labelFilter(labels), POD_UID])
  await removeHostDirectory(docker, { image, labels: { ...labels, [AGENT]: 'removal' }, ...owner })
  await removeContainers(docker, labelFilter(labels))
}

async function removeVolumes(docker: Docker, label: string[]): Promise<void> {
  const { Volumes } = await docker.listVolumes({ filters: { label } })
  await Promise.all(Volumes.map(({ Name }) => unlessGone(docker.getVolume(Name).remove())))
}

async function removeContainers(docker: Docker, label: string[]): Promise<void> {
  const containers = await docker.listContainers({ all: true, filters: { label } })
  await Promise.all(
    containers.map(async ({ Id }) => {
      const container = docker.getContainer(Id)
      await unlessGone(container.remove({ force: true, v: true }), removalInProgress)
      // Whoever else removes it may still be at it, and its network can't go before it.
      await unlessGone(container.wait({ condition: 'removed' }))
    }),
  )
}

/**
 * Removes what carries this cluster's label (containers, networks, volumes) and its directory on the engine's host.
 * Nothing else is touched; images stay, other clusters may use them.
 */
export async function removeCluster(
  docker: Docker,
  cluster: string,
  { image }: Pick<AgentImageSettings, 'image'>,
): Promise<void> {
  const filters = { label: [`${CLUSTER}=${cluster}`] }
  await removeContainers(docker, filters.label)
  // Without the agent's image no agent ever ran, and nobody else writes there.
  if (await unlessGone(docker.getImage(image).inspect()))
    await removeHostDirectory(docker, { image, labels: { [CLUSTER]: cluster, [AGENT]: 'removal' }, cluster })
  await removeVolumes(docker, filters.label)
  const networks = await docker.listNetworks({ filters })
  await Promise.all(networks.map(({ Id }) => unlessGone(docker.getNetwork(Id).remove() as Promise<unknown>)))
}
