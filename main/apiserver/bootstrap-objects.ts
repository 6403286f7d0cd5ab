import { flowSchemas, priorityLevelConfigurations, type FlowSchema } from '../../shared/api/flowcontrol.ts'
import { serviceCidrs, type ServiceCIDR } from '../../shared/api/networking.ts'
import type { KubeList } from '../../shared/api/object.ts'
import { pathOf, type ResourceRef } from '../../shared/api/ref.ts'
import { priorityClasses } from '../../shared/api/scheduling.ts'
import type { ApiTransport } from '../../shared/client/client.ts'
import { toTime } from '../../shared/machinery/clock.ts'
import { isAlreadyExists } from '../../shared/machinery/status.ts'
import {
  everyone,
  everything,
  groupSubject,
  mandatoryFlowSchemas,
  mandatoryPriorityLevels,
} from '../resources/flowcontrol/mandatory.ts'
import { systemPriorityClasses } from '../resources/scheduling/priority-class.ts'

type Rule = NonNullable<FlowSchema['spec']['rules']>[number]
type Subject = Rule['subjects'][number]

const user = (name: string): Subject => ({ kind: 'User', user: { name } })
const accountsOf = (namespace: string): Subject => ({
  kind: 'ServiceAccount',
  serviceAccount: { namespace, name: '*' },
})
const nodes = groupSubject('system:nodes')
const anywhere = { namespaces: ['*'] }
const leases = { apiGroups: ['coordination.k8s.io'], resources: ['leases'], ...anywhere }

interface Flow {
  level: string
  precedence: number
  by?: 'ByUser' | 'ByNamespace'
  rule: Rule
}

/** Which requests go together, as upstream suggests it (apiserver/pkg/apis/flowcontrol/bootstrap). */
const suggestedFlows: Record<string, Flow> = {
  probes: {
    level: 'exempt',
    precedence: 2,
    rule: {
      subjects: everyone,
      nonResourceRules: [{ verbs: ['get'], nonResourceURLs: ['/healthz', '/readyz', '/livez'] }],
    },
  },
  'system-leader-election': {
    level: 'leader-election',
    precedence: 100,
    by: 'ByUser',
    rule: {
      subjects: [user('system:kube-controller-manager'), user('system:kube-scheduler'), accountsOf('kube-system')],
      resourceRules: [{ verbs: ['get', 'create', 'update'], ...leases }],
    },
  },
  'system-node-high': {
    level: 'node-high',
    precedence: 400,
    by: 'ByUser',
    rule: {
      subjects: [nodes],
      resourceRules: [
        { verbs: ['*'], apiGroups: [''], resources: ['nodes', 'nodes/status'], clusterScope: true, ...anywhere },
        { verbs: ['*'], ...leases },
      ],
    },
  },
  'system-nodes': { level: 'system', precedence: 500, by: 'ByUser', rule: { subjects: [nodes], ...everything } },
  'kube-controller-manager': {
    level: 'workload-high',
    precedence: 800,
    by: 'ByNamespace',
    rule: { subjects: [user('system:kube-controller-manager')], ...everything },
  },
  'kube-scheduler': {
    level: 'workload-high',
    precedence: 800,
    by: 'ByNamespace',
    rule: { subjects: [user('system:kube-scheduler')], ...everything },
  },
  'kube-system-service-accounts': {
    level: 'workload-high',
    precedence: 900,
    by: 'ByNamespace',
    rule: { subjects: [accountsOf('kube-system')], ...everything },
  },
  'service-accounts': {
    level: 'workload-low',
    precedence: 9000,
    by: 'ByUser',
    rule: { subjects: [groupSubject('system:serviceaccounts')], ...everything },
  },
  'global-default': {
    level: 'global-default',
    precedence: 9900,
    by: 'ByUser',
    rule: { subjects: everyone, ...everything },
  },
}

const specOf = ({ level, precedence, by, rule }: Flow): FlowSchema['spec'] => ({
  priorityLevelConfiguration: { name: level },
  matchingPrecedence: precedence,
  ...(by && { distinguisherMethod: { type: by } }),
  rules: [rule],
})

/** Shares, what may be lent of them in percent, queues, hand size. */
const suggestedLevels: Record<string, [shares: number, lendable: number, queues: number, handSize: number]> = {
  system: [30, 33, 64, 6],
  'node-high': [40, 25, 64, 6],
  'leader-election': [10, 0, 16, 4],
  'workload-high': [40, 50, 128, 6],
  'workload-low': [100, 90, 128, 6],
  'global-default': [20, 50, 128, 6],
}

const levelSpec = ([nominalConcurrencyShares, lendablePercent, queues, handSize]: [
  number,
  number,
  number,
  number,
]) => ({
  type: 'Limited',
  limited: {
    nominalConcurrencyShares,
    lendablePercent,
    limitResponse: { type: 'Queue', queuing: { queues, handSize, queueLengthLimit: 50 } },
  },
})

interface Named {
  metadata: { name: string }
}

/** Upstream's controllers may bring these up to date. */
const flowObjects = (specs: Readonly<Record<string, object>>): Named[] =>
  Object.entries(specs).map(([name, spec]) => {
    const metadata = { name, annotations: { 'apf.kubernetes.io/autoupdate-spec': 'true' } }
    return { metadata, spec }
  })

const levels = flowObjects({
  ...mandatoryPriorityLevels,
  ...Object.fromEntries(Object.entries(suggestedLevels).map(([name, level]) => [name, levelSpec(level)])),
})
const flows = flowObjects({
  ...mandatoryFlowSchemas,
  ...Object.fromEntries(Object.entries(suggestedFlows).map(([name, flow]) => [name, specOf(flow)])),
})

/** Makes the system's PriorityClasses and the objects of flow control (upstream's post-start hooks). */
export async function bootstrapObjects(transport: ApiTransport): Promise<void> {
  await Promise.all([
    createMissing(transport, priorityClasses, systemPriorityClasses),
    createMissing(transport, priorityLevelConfigurations, levels),
    createMissing(transport, flowSchemas, flows),
  ])
}

/** Says where cluster IPs come from (pkg/controlplane/controller/defaultservicecidr). */
export async function bootstrapServiceCidr(transport: ApiTransport, cidr: string): Promise<void> {
  const name = 'kubernetes'
  await createMissing(transport, serviceCidrs, [{ metadata: { name }, ...{ spec: { cidrs: [cidr] } } }])
  const found: ServiceCIDR = await transport.request({ method: 'GET', path: pathOf(serviceCidrs, { name }) })
  const said = found.status?.conditions?.some(({ type }) => type === 'Ready')
  if (said || found.spec.cidrs?.join() !== cidr) return
  const ready = { type: 'Ready', status: 'True', reason: '', message: 'Kubernetes default Service CIDR is ready' }
  const conditions = [{ ...ready, lastTransitionTime: toTime(Date.now()) }]
  await transport.request({
    method: 'PATCH',
    path: pathOf(serviceCidrs, { name, subresource: 'status' }),
    headers: { 'content-type': 'application/merge-patch+json' },
    body: { status: { conditions } },
  })
}

/** Makes those of some cluster-scoped objects that are not there yet. */
export async function createMissing(
  transport: ApiTransport,
  ref: ResourceRef,
  wanted: readonly Named[],
): Promise<void> {
  const path = pathOf(ref)
  const { items }: KubeList = await transport.request({ method: 'GET', path })
  const known = new Set(items.map(({ metadata }) => metadata.name))
  const missing = wanted.filter(({ metadata }) => !known.has(metadata.name))
  await Promise.all(
    missing.map(async body => {
      try {
        await transport.request({ method: 'POST', path, body })
      } catch (error) {
        if (!isAlreadyExists(error)) throw error
      }
    }),
  )
}
