import type Docker from 'dockerode'
import type { ContainerCreateOptions } from 'dockerode'
import type { NamedOptions } from './container-options.ts'
import { engineStatus, removalInProgress, unlessGone } from './engine-errors.ts'
import { CLUSTER, NODE } from './labels.ts'

export type Created = { id: string; existing: boolean }

/**
 * Creates a container whose name says what it is for. If the name is taken by one of ours, a running one is returned as
 * it is when `adopt` says so, and a dead one is replaced. If the name can't be had, a suffix makes another (cri-dockerd
 * core/naming.go).
 */
export async function createNamed(
  docker: Docker,
  options: NamedOptions,
  { adopt, random }: { adopt: boolean; random: () => number },
): Promise<Created> {
  try {
    return { id: await create(docker, options), existing: false }
  } catch (error) {
    if (engineStatus(error) !== 409) throw error
  }
  const holder = await unlessGone(docker.getContainer(options.name).inspect())
  const ours = holder && [CLUSTER, NODE].every(key => holder.Config.Labels[key] === options.Labels?.[key])
  if (ours && holder.State.Running && adopt) return { id: holder.Id, existing: true }
  if (ours) await unlessGone(docker.getContainer(holder.Id).remove({ force: true, v: true }), removalInProgress)
  const suffix = holder && !ours ? `_${random().toString(36).slice(2, 10)}` : ''
  return { id: await create(docker, { ...options, name: options.name + suffix }), existing: false }
}

/** Left to itself the client writes all options into the address, too, of which an engine reads no more than 1 MiB. */
async function create(docker: Docker, { name, ...body }: NamedOptions): Promise<string> {
  const request: ContainerCreateOptions & Record<'_query' | '_body', object> = { _query: { name }, _body: body }
  return (await docker.createContainer(request)).id
}
