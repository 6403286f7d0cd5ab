import type { Kind } from './discovery.ts'

type GroupName = 'workloads' | 'network' | 'config' | 'storage' | 'access' | 'cluster'

/** Where the built-in kinds stand in the sidebar, in order. */
const groups: Readonly<Record<GroupName, readonly string[]>> = {
  workloads: [
    'pods',
    'deployments',
    'replicasets',
    'statefulsets',
    'daemonsets',
    'jobs',
    'cronjobs',
    'replicationcontrollers',
  ],
  network: [
    'services',
    'ingresses',
    'endpointslices',
    'endpoints',
    'networkpolicies',
    'ingressclasses',
    'ipaddresses',
    'servicecidrs',
  ],
  config: [
    'configmaps',
    'secrets',
    'horizontalpodautoscalers',
    'poddisruptionbudgets',
    'resourcequotas',
    'limitranges',
    'priorityclasses',
    'mutatingwebhookconfigurations',
    'validatingwebhookconfigurations',
  ],
  storage: [
    'persistentvolumeclaims',
    'persistentvolumes',
    'storageclasses',
    'volumeattachments',
    'csidrivers',
    'csinodes',
  ],
  access: [
    'serviceaccounts',
    'roles',
    'rolebindings',
    'clusterroles',
    'clusterrolebindings',
    'certificatesigningrequests',
  ],
  cluster: ['nodes', 'events', 'namespaces', 'customresourcedefinitions', 'leases', 'apiservices', 'runtimeclasses'],
}

interface KindGroup {
  name: GroupName
  kinds: Kind[]
}

export interface GroupedKinds {
  builtIn: KindGroup[]
  /** Custom kinds by API group, in alphabetical order. */
  custom: { group: string; kinds: Kind[] }[]
}

const isBuiltIn = (group: string) => !group.includes('.') || group.endsWith('.k8s.io')

/** The resource tree: built-in kinds in their places, the unknown built-in ones under the cluster, custom ones by group. */
export function groupKinds(all: readonly Kind[]): GroupedKinds {
  const listable = all.filter(kind => kind.verbs.includes('list') && !isTwin(kind, all))
  const placed = new Set<Kind>()
  const builtIn = (Object.keys(groups) as GroupName[]).map(name => {
    const kinds = groups[name].flatMap(resource => {
      const kind = listable.find(k => k.ref.resource === resource && isBuiltIn(k.ref.group))
      return kind ? [kind] : []
    })
    for (const kind of kinds) placed.add(kind)
    return { name, kinds }
  })
  const rest = listable.filter(kind => !placed.has(kind))
  builtIn.find(group => group.name === 'cluster')?.kinds.push(...rest.filter(kind => isBuiltIn(kind.ref.group)))
  const custom = Map.groupBy(
    rest.filter(kind => !isBuiltIn(kind.ref.group)),
    kind => kind.ref.group,
  )
  return {
    builtIn: builtIn.filter(group => group.kinds.length > 0),
    custom: [...custom]
      .map(([group, kinds]) => ({ group, kinds: kinds.toSorted((a, b) => a.ref.kind.localeCompare(b.ref.kind)) }))
      .toSorted((a, b) => a.group.localeCompare(b.group)),
  }
}

/** `events.k8s.io` serves the same Events as the core group. */
function isTwin({ ref }: Kind, all: readonly Kind[]): boolean {
  return ref.group === 'events.k8s.io' && all.some(kind => kind.ref.group === '' && kind.ref.resource === 'events')
}
