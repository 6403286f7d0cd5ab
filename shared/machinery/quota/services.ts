import { services, type Service } from '../../api/core.ts'
import { countName, type QuotaEvaluator } from './evaluator.ts'

const count = countName(services)
const names = [count, 'services', 'services.nodeports', 'services.loadbalancers']

/** Services, their node ports and load balancers (pkg/quota/v1/evaluator/core/services.go). */
export const serviceQuota: QuotaEvaluator<Service> = {
  counts: name => names.includes(name),
  // The type may change.
  handles: ({ operation, subresource }) => subresource === '' && (operation === 'CREATE' || operation === 'UPDATE'),
  usage: service => ({
    [count]: '1',
    services: '1',
    'services.nodeports': String(nodePorts(service)),
    'services.loadbalancers': service.spec.type === 'LoadBalancer' ? '1' : '0',
  }),
  frees: (service, before) => service.spec.type !== before.spec.type,
}

/** How many node ports it will have: they may not be allocated yet. */
function nodePorts({ spec: { type, ports = [], allocateLoadBalancerNodePorts } }: Service): number {
  if (type === 'LoadBalancer' && allocateLoadBalancerNodePorts === false)
    return ports.filter(port => port.nodePort).length
  return type === 'NodePort' || type === 'LoadBalancer' ? ports.length : 0
}
