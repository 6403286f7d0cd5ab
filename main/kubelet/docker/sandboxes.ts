import type Docker from 'dockerode'
import type { ContainerInspectInfo } from 'dockerode'
import type { Runtime, Sandbox, SandboxConfig } from '../runtime.ts'
import { cgroupName } from './agent/pod-cgroup-script.ts'
import { sandboxOptions, type NamedOptions } from './container-options.ts'
import { createNamed } from './create-container.ts'
import { engineStatus, orFault, removalInProgress, unlessGone } from './engine-errors.ts'
import { ATTEMPT, labelFilter, numberOf, ownerLabels, POD_UID, podOf, SANDBOX_ID, TYPE } from './labels.ts'
import { ensureNodeProcesses } from './node-processes.ts'
import { lazily } from './lazily.ts'
import type { DockerRuntimeOptions } from './options.ts'
import { ensurePauseImage } from './pause-image.ts'
import type { PodCgroups } from './pod-cgroups.ts'
import { toMillis } from './records.ts'

interface Sandboxes {
  run: Runtime['runSandbox']
  stop: Runtime['stopSandbox']
  remove: Runtime['removeSandbox']
  update: Runtime['updateSandbox']
  list(podUid?: string): Promise<Sandbox[]>
}

/** The sandbox part of the Docker runtime; see Runtime. */
export function createSandboxes(options: DockerRuntimeOptions & { podCgroups: PodCgroups }): Sandboxes {
  const { docker, owner, network, agent, random, podCgroups } = options
  /** The pods of sandboxes that are in cgroups of their pods, by the sandbox's id. */
  const grouped = new Map<string, string>()
  const containersOf = (sandboxId: string) =>
    docker.listContainers({ all: true, filters: { label: [`${SANDBOX_ID}=${sandboxId}`] } })

  /** Asked once: it costs the engine more than creating a container. */
  const architecture = lazily(async () => ((await docker.info()) as { Architecture: string }).Architecture)

  const place = lazily(async () => ({
    network: (await network()).name,
    image: await ensurePauseImage(docker, await architecture.get()),
  }))

  async function run(config: SandboxConfig): Promise<Sandbox> {
    try {
      return await runAt(config)
    } catch (error) {
      // The image or the network was removed while no pod needed it, or there is another network of that name.
      if (![404, 400].includes(engineStatus(error) ?? 0)) throw error
      place.forget()
      return runAt(config)
    }
  }

  async function runAt(config: SandboxConfig): Promise<Sandbox> {
    const { network, image } = await place.get()
    const joins = config.hostNetwork ? `container:${await agent.containerId()}` : network
    const cgroupParent = config.resources && (await podCgroups.make(config.pod.uid, config.resources))
    const wanted = sandboxOptions(owner, config, {
      image,
      network: joins,
      ...(config.hostIPC && { ipcOf: await agent.containerId() }),
      ...(config.hostPID && { processesOf: await ensureNodeProcesses(docker, { owner, image, random }) }),
      ...(cgroupParent !== undefined && { cgroupParent }),
      oomScoreFloor: await agent.oomScoreFloor(),
    })
    try {
      return await start(wanted)
    } catch (error) {
      if (cgroupParent !== undefined) await podCgroups.remove(config.pod.uid)
      throw error
    }
  }

  async function start(options: NamedOptions): Promise<Sandbox> {
    const { id, existing } = await createNamed(docker, options, { adopt: true, random })
    const container = docker.getContainer(id)
    try {
      if (!existing) await container.start()
      return await sandboxOf(await container.inspect())
    } catch (error) {
      await unlessGone(container.remove({ force: true, v: true }), removalInProgress)
      throw error
    }
  }

  async function sandboxOf(info: ContainerInspectInfo): Promise<Sandbox> {
    const joined = info.HostConfig.NetworkMode?.startsWith('container:')
    // The network of an agent that was made anew is another one.
    const lost = joined && info.HostConfig.NetworkMode !== `container:${await agent.containerId()}`
    const ready = info.State.Running && !lost
    const own = Object.values(info.NetworkSettings.Networks)[0]?.IPAddress ?? ''
    const { uid } = podOf(info.Config.Labels)
    if (info.HostConfig.CgroupParent?.includes(cgroupName(owner, uid))) grouped.set(info.Id, uid)
    return {
      id: info.Id,
      pod: podOf(info.Config.Labels),
      attempt: numberOf(info.Config.Labels, ATTEMPT),
      state: ready ? 'ready' : 'notready',
      ip: ready ? (joined ? await agent.address() : own) : '',
      createdAt: toMillis(info.Created),
    }
  }

  /** Nothing runs in it any more. */
  async function removeGroup(id: string) {
    const podUid = grouped.get(id)
    if (podUid === undefined) return
    await podCgroups.remove(podUid)
    grouped.delete(id)
  }

  return {
    run: config => orFault('CreatePodSandboxError', run(config)),

    async stop(id) {
      const stop = async () => {
        const running = (await containersOf(id)).filter(({ State }) => State === 'running')
        await Promise.all([id, ...running.map(({ Id }) => Id)].map(each => kill(docker, each)))
        await removeGroup(id)
      }
      await orFault('RuntimeUnavailable', stop())
    },

    async remove(id) {
      const remove = (each: string) =>
        unlessGone(docker.getContainer(each).remove({ force: true, v: true }), removalInProgress)
      const removeAll = async () => {
        await Promise.all((await containersOf(id)).map(({ Id }) => remove(Id)))
        await remove(id)
        await removeGroup(id)
      }
      await orFault('RuntimeUnavailable', removeAll())
    },

    async update(id, resources) {
      const podUid = grouped.get(id)
      if (podUid !== undefined) await orFault('RuntimeUnavailable', podCgroups.update(podUid, resources))
    },

    async list(podUid) {
      const label = labelFilter({ ...ownerLabels(owner), [TYPE]: 'podsandbox', ...(podUid && { [POD_UID]: podUid }) })
      const find = async () => {
        const found = await docker.listContainers({ all: true, filters: { label } })
        const infos = await Promise.all(found.map(({ Id }) => unlessGone(docker.getContainer(Id).inspect())))
        return Promise.all(infos.filter(info => info !== undefined).map(sandboxOf))
      }
      return orFault('RuntimeUnavailable', find())
    },
  }
}

/** Kills a container at once and waits until it is dead; no error if it is not running. */
async function kill(docker: Docker, id: string): Promise<void> {
  const notRunning = 409
  await unlessGone(docker.getContainer(id).kill(), notRunning)
  await unlessGone(docker.getContainer(id).wait() as Promise<unknown>)
}
