import type { Fix, Reason } from '../../shared/machinery/scheduling-decision.ts'
import { formatBytes, formatCpu } from '../format/quantity.ts'
import type { Message } from '../i18n/message.ts'

/** What would have to change so that a node takes the pod; the scheduler's own words where no change can be named. */
export function whatWouldHelp({ message, fix }: Reason): Message | string {
  if (!fix) return message
  switch (fix.change) {
    case 'requests':
      return requests(fix)
    case 'uncordon':
      return { key: 'why.fix.uncordon' }
    case 'tolerations': {
      const { key, value, effect } = fix.taint
      return { key: 'why.fix.tolerations', params: { taint: `${key}${value ? `=${value}` : ''}:${effect}` } }
    }
    case 'nodeLabels':
      return { key: 'why.fix.nodeLabels', params: { labels: fix.requirements.map(requirementText).join(', ') } }
    case 'hostPorts':
      return { key: 'why.fix.hostPorts', params: { ports: fix.ports.join(', ') } }
    case 'topologyLabel':
      return { key: 'why.fix.topologyLabel', params: { key: fix.topologyKey } }
    case 'spread':
      return { key: 'why.fix.spread', params: { key: fix.topologyKey, domain: fix.domain }, n: fix.excess }
    case 'podNear':
    case 'podAway':
      return { key: `why.fix.${fix.change}`, params: { key: fix.topologyKey } }
    case 'volume':
      return { key: 'why.fix.volume', params: { name: fix.name } }
  }
}

function requests({ resource, amount }: Extract<Fix, { change: 'requests' }>): Message {
  if (resource === 'pods') return { key: 'why.fix.pods', n: amount }
  const isBytes = resource === 'memory' || resource === 'ephemeral-storage' || resource.startsWith('hugepages-')
  const text = resource === 'cpu' ? formatCpu(amount / 1000) : isBytes ? formatBytes(amount) : String(amount)
  return { key: 'why.fix.requests', params: { resource, amount: text } }
}

type Requirement = Extract<Fix, { change: 'nodeLabels' }>['requirements'][number]

/** As a label selector is written: `disk in (ssd,nvme)`, `!gpu`. */
function requirementText({ key, operator, values = [] }: Requirement): string {
  switch (operator) {
    case 'Exists':
      return key
    case 'DoesNotExist':
      return `!${key}`
    case 'Gt':
    case 'Lt':
      return `${key} ${operator === 'Gt' ? '>' : '<'} ${values.join()}`
    default:
      return values.length === 1 && operator === 'In'
        ? `${key}=${values.join()}`
        : `${key} ${operator === 'In' ? 'in' : 'notin'} (${values.join()})`
  }
}
