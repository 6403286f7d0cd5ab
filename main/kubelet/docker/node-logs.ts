import type Docker from 'dockerode'
import { posix } from 'node:path'
import type { Logger } from '../../../shared/machinery/log.ts'
import type { NodeAgent } from './agent/agent.ts'
import { hostRoot } from './agent/host-root.ts'
import { quote } from './agent/quote.ts'
import { lazily } from './lazily.ts'
import type { Owner } from './labels.ts'
import type { PodIdentity } from '../runtime.ts'

/** Where pods find the logs of their node. */
export const inPods = '/var/log'
/** ext4's limit of a file name, without `.log`. */
const longestName = 251

/** A container as its log is named by. */
interface Logged {
  id: string
  pod: PodIdentity
  name: string
  attempt: number
}

/** The names of the logs of a node's containers. */
export interface NodeLogs {
  /** Names the log of a container that was created. A failure is logged: the container can do without. */
  link(container: Logged): Promise<void>
  /** Forgets a container that was removed. */
  unlink(id: string): Promise<void>
}

/**
 * Links to the engine's log files, named as log agents expect them (pkg/kubelet/kuberuntime, BuildContainerLogsDirectory and
 * logSymlink):
 *
 *   /var/log/pods/<namespace>_<pod>_<uid>/<container>/<attempt>.log   the engine's file
 *   /var/log/containers/<pod>_<namespace>_<container>-<id>.log        that link
 *
 * Each node has a /var/log of its own, since several share the engine's host. An agent mounts the engine's directory, too,
 * as with a kubelet on Docker.
 */
export function createNodeLogs(options: { docker: Docker; agent: NodeAgent; owner: Owner; log: Logger }): NodeLogs {
  const { docker, agent, log } = options
  const root = nodeLogRoot(options.owner)
  const engineRoot = engineRootOf(docker)

  return {
    async link({ id, pod, name, attempt }) {
      const file = posix.join('pods', `${pod.namespace}_${pod.name}_${pod.uid}`, name, `${attempt}.log`)
      const known = `${`${pod.name}_${pod.namespace}_${name}-${id}`.slice(0, longestName)}.log`
      try {
        const output = posix.join(await engineRoot.get(), 'containers', id, `${id}-json.log`)
        const [of, link] = [posix.join(root, file), posix.join(root, 'containers', known)]
        await agent.mustRun(
          [
            `mkdir -p ${quote(posix.dirname(of))} ${quote(posix.dirname(link))} &&`,
            `ln -sfn ${quote(output)} ${quote(of)} && ln -sfn ${quote(posix.join(inPods, file))} ${quote(link)}`,
          ].join(' '),
        )
      } catch (error) {
        log.error('Cannot link the log of a container', { pod: `${pod.namespace}/${pod.name}`, container: name, error })
      }
    },

    async unlink(id) {
      const both = `"$link" "$(readlink "$link" | sed 's|^${inPods}|${root}|')"`
      await agent.mustRun(
        `for link in ${quote(root)}/containers/*-${id}.log; do [ ! -L "$link" ] || rm -f ${both}; done`,
      )
    },
  }
}

/** Where a node's /var/log is on the engine's host. */
export const nodeLogRoot = ({ cluster, node }: Owner): string => posix.join(hostRoot, cluster, node, 'log')

/** Where the engine keeps its files, the logs of containers among them. */
export const engineRootOf = (docker: Docker) =>
  lazily(async () => ((await docker.info()) as { DockerRootDir: string }).DockerRootDir)

/** Where a path of a node is on the engine's host: what is in the node's /var/log is the node's own. */
export function onEngine(owner: Owner, path: string): string {
  const normal = posix.resolve(path)
  const own = normal === inPods || normal.startsWith(`${inPods}/`)
  return own ? posix.join(nodeLogRoot(owner), posix.relative(inPods, normal)) : path
}

/** Lines of a script that make the directories of a node's logs, which are there even if no pod has written. */
export const makeLogDirectories = (owner: Owner): string =>
  `mkdir -p ${['pods', 'containers'].map(name => quote(posix.join(nodeLogRoot(owner), name))).join(' ')}`

/** Lines of a script that remove the links of a pod's containers, those too that somebody else has removed. */
export function removePodLogs(owner: Owner, podUid: string): string[] {
  const [pods, containers] = ['pods', 'containers'].map(name => posix.join(nodeLogRoot(owner), name))
  const ofPod = `s|^.* \\([^ ]*\\) -> ${inPods}/pods/[^/]*_${podUid}/.*|\\1|p`
  return [
    `rm -rf ${quote(`${pods}/`)}*_${quote(podUid)}`,
    `ls -l ${quote(`${containers}/`)} 2>/dev/null | sed -n ${quote(ofPod)} | while read -r name; do rm -f ${quote(`${containers}/`)}"$name"; done`,
  ]
}
