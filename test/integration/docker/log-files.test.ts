import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { beforeAll, describe, expect, it } from 'vitest'
import { onHost } from '../../../main/kubelet/docker/agent/host-root.ts'
import { createLogFiles } from '../../../main/kubelet/docker/log-files.ts'
import { nodeLogRoot } from '../../../main/kubelet/docker/node-logs.ts'
import { withoutDocker } from '../../helpers/docker.ts'
import { clusterName, useTestNode } from './node.ts'

const cluster = clusterName('logfiles')

describe.skipIf(withoutDocker)("a node's /var/log", () => {
  const node = useTestNode(cluster)
  beforeAll(async () => {
    const root = nodeLogRoot(node.owner)
    const written = [
      `mkdir -p ${root}/pods && cd ${root} && echo said > own`,
      'ln -s own link && ln -s pods/../../../../../../etc/passwd out && ln -s /etc/passwd further',
    ]
    await node.agent.mustRun(onHost(written.join('\n')))
  })

  // Podman keeps no logs where Docker does.
  it.each(['of the engine', 'of an engine without logs in files'])('ends at its links, %s', async engine => {
    const info = () => Promise.resolve({ DockerRootDir: '/none/at/all' })
    const docker = engine === 'of the engine' ? node.docker : Object.assign(Object.create(node.docker), { info })
    const files = createLogFiles({ ...node, docker })
    const read = async (path: string) => {
      const found = await files.open(path)
      return found && 'content' in found ? text(Readable.from(found.content)) : found?.names
    }
    expect(await read('')).toEqual(['further', 'link', 'out', 'own', 'pods/'])
    expect(await Promise.all(['own', 'link', 'out', 'further', 'none', '../../../../etc'].map(read))).toEqual([
      'said\n',
      'said\n',
      undefined,
      undefined,
      undefined,
      undefined,
    ])
  })
})
