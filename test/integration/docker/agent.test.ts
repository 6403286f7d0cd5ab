import { describe, expect, it } from 'vitest'
import { AGENT } from '../../../main/kubelet/docker/agent/agent.ts'
import { labelFilter, ownerLabels } from '../../../main/kubelet/docker/labels.ts'
import { withoutDocker } from '../../helpers/docker.ts'
import { clusterName, useTestNode } from './node.ts'

const cluster = clusterName('agent')

describe.skipIf(withoutDocker)('node agent', () => {
  const node = useTestNode(cluster)
  const containers = async (labels: Record<string, string>) => {
    const found = await node.docker.listContainers({ all: true, filters: { label: labelFilter(labels) } })
    return found.map(({ Id }) => Id)
  }

  it('takes away what was left where Docker ended while an agent was made, and nothing else', async () => {
    const Labels = { ...ownerLabels(node.owner), [AGENT]: 'node' }
    const other = { ...ownerLabels({ ...node.owner, node: 'n2' }), [AGENT]: 'node' }
    const Image = 'podbay.test/shell:1'
    await node.docker.createContainer({ Image, Labels })
    const { id: others } = await node.docker.createContainer({ Image, Labels: other })
    const id = await node.agent.containerId()
    expect(await containers(Labels)).toEqual([id])
    expect(await containers(other)).toEqual([others])
  })
})
