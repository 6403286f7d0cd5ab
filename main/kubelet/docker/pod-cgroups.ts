import type Docker from 'dockerode'
import type { Logger } from '../../../shared/machinery/log.ts'
import type { PodResources } from '../runtime.ts'
import type { NodeAgent } from './agent/agent.ts'
import { onHost } from './agent/host-root.ts'
import { cgroupName, listCgroups, removeCgroups, setCgroup, type CgroupDriver } from './agent/pod-cgroup-script.ts'
import { lazily } from './lazily.ts'
import type { Owner } from './labels.ts'

/**
 * Cgroups of single pods, in which the engine is asked to put their containers. Its API knows none, so the node agent makes
 * them on the engine's host, beside those of the engine's other containers.
 */
export interface PodCgroups {
  /** Makes one, and returns the CgroupParent of the pod's containers; undefined where the engine lets nobody make any. */
  make(podUid: string, resources: PodResources): Promise<string | undefined>
  /** Gives one other limits. Rejects with the kernel's words if it refuses them. */
  update(podUid: string, resources: PodResources): Promise<void>
  /** Removes one in which nothing runs. No error if it is gone. */
  remove(podUid: string): Promise<void>
  /** Removes those in which nothing runs of pods that are not among these. */
  removeOthers(podUids: ReadonlySet<string>): Promise<void>
}

interface Options {
  docker: Docker
  owner: Owner
  agent: NodeAgent
  log: Logger
}

interface EngineInfo {
  CgroupDriver?: string
  SecurityOptions?: string[] | null
}

const drivers: readonly string[] = ['cgroupfs', 'systemd'] satisfies CgroupDriver[]
const isDriver = (name: string | undefined): name is CgroupDriver => name !== undefined && drivers.includes(name)

export function createPodCgroups({ docker, owner, agent, log }: Options): PodCgroups {
  /** Undefined of an engine without the host's rights, whose agent has none either. */
  const driver = lazily(async () => {
    const { CgroupDriver, SecurityOptions } = (await docker.info()) as EngineInfo
    const limited = (SecurityOptions ?? []).some(option => /^name=(rootless|userns)/.test(option))
    return !limited && isDriver(CgroupDriver) ? CgroupDriver : undefined
  })
  const nameOf = (podUid: string) => cgroupName(owner, podUid)
  const onEngine = async (script: string) => (await agent.mustRun(onHost(script))).trim()
  const remove = async (name: string): Promise<void> => {
    await onEngine(removeCgroups(name))
  }

  return {
    async make(podUid, resources) {
      const by = await driver.get()
      if (!by) return undefined
      try {
        return await onEngine(setCgroup(by, nameOf(podUid), resources))
      } catch (error) {
        log.info('Limits of a whole pod are not enforced: it gets no cgroup of its own', { podUid, error })
        await remove(nameOf(podUid))
        return undefined
      }
    },
    async update(podUid, resources) {
      const by = await driver.get()
      if (by) await onEngine(setCgroup(by, nameOf(podUid), resources))
    },
    remove: podUid => remove(nameOf(podUid)),
    async removeOthers(podUids) {
      if (!(await driver.get())) return
      const known = new Set([...podUids].map(nameOf))
      const found = new Set((await onEngine(listCgroups(cgroupName(owner)))).split('\n'))
      for (const name of found) if (name !== '' && !known.has(name)) await remove(name)
    },
  }
}
