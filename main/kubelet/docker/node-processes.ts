import type Docker from 'dockerode'
import { AGENT } from './agent/agent.ts'
import { createNamed } from './create-container.ts'
import { ownerLabels, type Owner } from './labels.ts'

/**
 * The container whose process namespace is the node's: pods with hostPID share it. The agent's would be that of the
 * engine's host, where all that its user runs is seen and may be killed. Pods with process namespaces of their own are
 * not in it, since the engine nests none. Made when a pod first needs it; with it end the processes of all pods in it.
 */
export async function ensureNodeProcesses(
  docker: Docker,
  { owner, image, random }: { owner: Owner; image: string; random: () => number },
): Promise<string> {
  const options = {
    name: `podbay_processes_${owner.cluster}_${owner.node}`,
    Image: image,
    Hostname: owner.node,
    Labels: { ...ownerLabels(owner), [AGENT]: 'processes' },
    HostConfig: { NetworkMode: 'none', RestartPolicy: { Name: 'no' }, LogConfig: { Type: 'none', Config: {} } },
  }
  const { id, existing } = await createNamed(docker, options, { adopt: true, random })
  if (!existing) await docker.getContainer(id).start()
  return id
}
