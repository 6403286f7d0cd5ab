import { nodes, type Node } from '../../shared/api/core.ts'
import type { HostStatus } from '../../shared/contract/host.ts'
import { linkTo } from '../object-link.ts'
import { nodeStatus } from '../status/node-status.ts'
import { condition } from '../status/status.ts'
import type { Why } from './why.ts'

/** Why a node takes no pods and what to do about it; the Docker Engine's absence explains most of it. */
export function whyNode(node: Node, docker: HostStatus['docker'] | undefined): Why | undefined {
  const status = nodeStatus(node)
  if (status.mark === 'ok') return undefined
  const question = { key: 'why.question.node' as const }
  const target = linkTo(nodes, node)
  const name = node.metadata.name
  if (status.note === 'cordoned' && status.mark === 'warn') {
    return {
      question,
      sentence: { key: 'why.node.cordoned', params: { node: name } },
      sure: true,
      actions: [{ do: 'uncordon', label: { key: 'why.do.uncordon', params: { node: name } }, target }],
      facts: [],
    }
  }
  const ready = condition(node, 'Ready')
  const reported = ready?.message ? [{ label: { key: 'why.fact.kubelet' as const }, lines: [ready.message] }] : []
  if (docker && docker.state !== 'ready') {
    return {
      question,
      sentence: { key: docker.state === 'absent' ? 'why.node.dockerAbsent' : 'why.node.dockerStopped' },
      sure: true,
      actions: [],
      facts: [
        ...(docker.message
          ? [{ label: { key: 'why.fact.docker' as const }, lines: [docker.message], mark: 'err' as const }]
          : []),
        ...reported,
      ],
    }
  }
  const pressure = status.mark === 'warn' ? status.note : undefined
  return {
    question,
    sentence: pressure
      ? { key: 'why.node.pressure', params: { node: name, condition: pressure } }
      : {
          key: ready ? (ready.status === 'Unknown' ? 'why.node.silent' : 'why.node.notReady') : 'why.node.noReport',
          params: { node: name },
        },
    sure: true,
    actions: [],
    facts: reported,
  }
}
