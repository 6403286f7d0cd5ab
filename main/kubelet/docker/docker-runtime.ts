import type { ContainerInspectInfo } from 'dockerode'
import type { ContainerRecord, Runtime } from '../runtime.ts'
import { RuntimeFault } from '../runtime.ts'
import { attachTo } from './attach.ts'
import { containerOptions, sharedWithSandbox, updateOptions } from './container-options.ts'
import { createNamed } from './create-container.ts'
import { orFault, removalInProgress, unlessGone } from './engine-errors.ts'
import { createEngineEvents } from './events.ts'
import { startExec } from './exec.ts'
import { findImage, listImages, pullImage, removeImage } from './images.ts'
import { engineInfo } from './info.ts'
import { GRACE_PERIOD, labelFilter, ownerLabels, POD_UID, TYPE } from './labels.ts'
import { readLogs } from './logs.ts'
import { createNodeLogs } from './node-logs.ts'
import type { DockerRuntimeOptions } from './options.ts'
import { createPodCgroups } from './pod-cgroups.ts'
import { recordOf } from './records.ts'
import { openPodPort } from './port-forward.ts'
import { createSandboxes } from './sandboxes.ts'
import { readTerminationMessage } from './termination-message.ts'
import { usageOf } from './stats.ts'
import { diskUsageOf, imageFileSystem } from './usage.ts'

const alreadyStopped = 304

/**
 * Runs pods on a Docker Engine: a pause container holds each pod's network and IPC namespaces, containers join it.
 * Resolves also when the engine can't be reached: then every call says so, until it is back.
 */
export async function createDockerRuntime(options: DockerRuntimeOptions): Promise<Runtime> {
  const { docker, owner, agent, clock, random, log } = options
  const events = await createEngineEvents(options)
  const podCgroups = createPodCgroups(options)
  const sandboxes = createSandboxes({ ...options, podCgroups })
  const nodeLogs = createNodeLogs(options)
  /** Names that are being given to the logs of containers: the engine starts them meanwhile. */
  const links = new Map<string, Promise<unknown>>()
  const kill = (pid: number, signal: string) => agent.run(`kill -${signal} ${pid}`)
  const commands = { docker, events, kill, log }

  async function record(info: ContainerInspectInfo): Promise<ContainerRecord> {
    const known = recordOf(info)
    if (known.state !== 'exited' || known.message !== '') return known
    return { ...known, message: await readTerminationMessage({ docker, agent }, info) }
  }

  async function containers(podUid?: string): Promise<ContainerRecord[]> {
    const label = labelFilter({ ...ownerLabels(owner), [TYPE]: 'container', ...(podUid && { [POD_UID]: podUid }) })
    const found = await orFault('RuntimeUnavailable', docker.listContainers({ all: true, filters: { label } }))
    const infos = await Promise.all(found.map(({ Id }) => unlessGone(docker.getContainer(Id).inspect())))
    return Promise.all(infos.filter(info => info !== undefined).map(record))
  }

  return {
    name: 'docker',
    info: () => engineInfo(docker),

    runSandbox: sandboxes.run,
    stopSandbox: sandboxes.stop,
    removeSandbox: sandboxes.remove,

    async createContainer(sandbox, config) {
      const create = async () => {
        const { Config, HostConfig } = await docker.getContainer(sandbox.id).inspect()
        const graceSeconds = Config.Labels[GRACE_PERIOD] ?? ''
        const oomScoreFloor = await agent.oomScoreFloor()
        const shared = sharedWithSandbox(sandbox.id, { Config, HostConfig })
        const wanted = containerOptions(owner, sandbox, config, { graceSeconds, oomScoreFloor, shared })
        const { id } = await createNamed(docker, wanted, { adopt: false, random })
        const linking = nodeLogs.link({ id, pod: sandbox.pod, name: config.name, attempt: config.attempt })
        links.set(
          id,
          linking.finally(() => links.delete(id)),
        )
        return id
      }
      return orFault('CreateContainerError', create())
    },
    async startContainer(id) {
      const starting = docker.getContainer(id).start() as Promise<void>
      await Promise.all([orFault('RunContainerError', starting), links.get(id)])
    },
    async stopContainer(id, graceSeconds) {
      const stopping = docker.getContainer(id).stop({ t: graceSeconds })
      await orFault('RuntimeUnavailable', unlessGone(stopping, alreadyStopped))
    },
    async removeContainer(id) {
      const removing = docker.getContainer(id).remove({ force: true, v: true })
      await orFault('RuntimeUnavailable', unlessGone(removing, removalInProgress))
      await nodeLogs.unlink(id)
    },

    async updateContainer(id, resources) {
      const update = docker.getContainer(id).update(updateOptions(resources)) as Promise<unknown>
      await orFault('RunContainerError', update)
    },

    updateSandbox: sandboxes.update,
    removeLeftovers: podUids => orFault('RuntimeUnavailable', podCgroups.removeOthers(podUids)),

    async list(podUid) {
      const [ready, records] = await Promise.all([sandboxes.list(podUid), containers(podUid)])
      return { sandboxes: ready, containers: records }
    },
    async inspectContainer(id) {
      const info = await orFault('RuntimeUnavailable', unlessGone(docker.getContainer(id).inspect()))
      if (!info) throw new RuntimeFault('RuntimeUnavailable', `No such container: ${id}`)
      return record(info)
    },

    usage: id => orFault('RuntimeUnavailable', usageOf(docker, id)),
    diskUsage: id => orFault('RuntimeUnavailable', diskUsageOf(docker, agent, id)),

    image: reference => findImage(docker, reference),
    pullImage: (reference, pull) => pullImage(docker, clock, reference, pull),
    images: () => listImages(docker),
    removeImage: image => removeImage(docker, image),
    imageFileSystem: () => orFault('RuntimeUnavailable', imageFileSystem(docker, agent)),

    exec: (id, execOptions) => startExec(commands, id, execOptions),
    attach: (id, attachOptions) => attachTo(docker, id, attachOptions),
    portForward: (sandboxId, port) => openPodPort({ ...commands, agent }, sandboxId, port),
    logs: (id, logOptions) => readLogs({ docker, agent }, id, logOptions),

    subscribe: listener => events.subscribe(listener),
    async [Symbol.asyncDispose]() {
      events[Symbol.dispose]()
    },
  }
}
