import type { ContainerInfo } from 'dockerode'
import { AGENT } from '../../main/kubelet/docker/agent/agent.ts'
import { CONTAINER_NAME, NODE, POD_UID, SANDBOX_ID, TYPE } from '../../main/kubelet/docker/labels.ts'
import type { Pod } from '../../shared/api/core.ts'
import { differences } from './differences.ts'

/** The uid by which the node knows a pod: a static pod's is that of its manifest. */
export const localUid = ({ metadata }: Pod): string =>
  metadata.annotations?.['kubernetes.io/config.mirror'] ?? metadata.uid

export const isOver = ({ status }: Pod): boolean => status?.phase === 'Succeeded' || status?.phase === 'Failed'

/** Pods with limits for all their containers together. */
export const hasCgroup = ({ spec }: Pod): boolean => spec.resources !== undefined

/** What Docker has that is not as a pod's object says. */
export function podFaults(pod: Pod, containers: ContainerInfo[]): string[] {
  const own = containers.filter(({ Labels }) => Labels[POD_UID] === localUid(pod))
  const running = own.filter(({ State }) => State === 'running')
  const faults = isOver(pod) ? faultsOfEnded(pod, running) : faultsOfRunning(pod, own, running)
  return faults.map(fault => `pod ${pod.metadata.name} ${fault}`)
}

/** Only a Job's pods come to an end by themselves; nothing of one runs. */
function faultsOfEnded({ metadata, status }: Pod, running: ContainerInfo[]): string[] {
  const ofJob = metadata.ownerReferences?.some(({ kind }) => kind === 'Job')
  return [
    ...(ofJob ? [] : [`is ${status?.phase}: ${status?.reason} ${status?.message}`]),
    ...running.map(({ Names }) => `has come to its end, and ${Names[0]} runs`),
  ]
}

/** One that runs has one sandbox and one of each of its containers, which run in it, and its status names them. */
function faultsOfRunning({ metadata, spec, status }: Pod, own: ContainerInfo[], running: ContainerInfo[]): string[] {
  const [sandbox, ...others] = running.filter(({ Labels }) => Labels[TYPE] === 'podsandbox')
  const ip = Object.values(sandbox?.NetworkSettings.Networks ?? {})[0]?.IPAddress
  const names = spec.containers.map(({ name }) => name)
  const told = (status?.containerStatuses ?? []).map(({ containerID, state }) =>
    state?.running ? (containerID ?? '') : `docker://not running: ${JSON.stringify(state)}`,
  )
  const inside = running.filter(({ Labels }) => Labels[TYPE] === 'container')
  return [
    ...(status?.phase === 'Running' && !metadata.deletionTimestamp ? [] : [`is ${status?.phase}`]),
    ...(sandbox && others.length === 0 ? [] : [`has ${others.length + (sandbox ? 1 : 0)} sandboxes`]),
    ...(sandbox && sandbox.Labels[NODE] !== spec.nodeName ? [`runs on ${sandbox.Labels[NODE]}`] : []),
    ...(ip === status?.podIP ? [] : [`has the address ${ip}, its status says ${status?.podIP}`]),
    ...differences(
      'container',
      inside.map(({ Labels }) => Labels[CONTAINER_NAME] ?? ''),
      names,
    ),
    ...differences(
      'status of container',
      told,
      inside.map(({ Id }) => `docker://${Id}`),
    ),
    ...inside.filter(({ Labels }) => Labels[SANDBOX_ID] !== sandbox?.Id).map(({ Id }) => `runs ${Id} elsewhere`),
    // Of each container the last that ended is kept, for its logs.
    ...names.flatMap(name => {
      const ended = own.filter(({ Labels, State }) => Labels[CONTAINER_NAME] === name && State !== 'running')
      return ended.length > 1 ? [`keeps ${ended.length} dead containers of ${name}`] : []
    }),
  ]
}

interface Known {
  uids: ReadonlySet<string>
  nodes: string[]
}

/** Containers of no pod, but for one agent on each node. */
export function orphans(containers: ContainerInfo[], { uids, nodes }: Known): string[] {
  const others = containers.filter(({ Labels }) => !uids.has(Labels[POD_UID] ?? ''))
  const agents = others.filter(({ Labels, State }) => Labels[AGENT] === 'node' && State === 'running')
  const strangers = others.filter(each => !agents.includes(each)).map(({ Names, State }) => `${Names[0]} (${State})`)
  return [
    ...differences(
      'node agent of',
      agents.map(({ Labels }) => Labels[NODE] ?? ''),
      nodes,
    ),
    ...strangers.map(name => `orphan container ${name}`),
  ]
}
