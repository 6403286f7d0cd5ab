import type { Resource, Verb } from '../../resources/resource.ts'

/** The resources of one version of a group. */
export interface GroupVersion {
  readonly group: string
  readonly version: string
  readonly resources: readonly Resource[]
  /** Present: another server answers for it, and these are its resources as aggregated discovery has them. */
  readonly remote?: RemoteDiscovery
}

interface RemoteDiscovery {
  readonly freshness: 'Current' | 'Stale'
  readonly resources: readonly unknown[]
}

/** A group's versions, the preferred one first. */
export interface ApiGroup {
  readonly name: string
  readonly versions: readonly [GroupVersion, ...GroupVersion[]]
}

/** Groups and versions in the order in which their kinds are listed; the core group is called ''. */
export function groupsOf(resources: readonly Resource[]): ApiGroup[] {
  const groups = Map.groupBy(resources, resource => resource.ref.group)
  return [...groups].flatMap(([name, members]) => {
    const versions = [...Map.groupBy(members, member => member.ref.version)].map(([version, own]): GroupVersion => ({
      group: name,
      version,
      resources: own.toSorted((a, b) => (a.ref.resource < b.ref.resource ? -1 : 1)),
    }))
    const [first, ...others] = versions
    return first ? [{ name, versions: [first, ...others] as const }] : []
  })
}

interface RemoteVersion extends RemoteDiscovery {
  readonly group: string
  readonly version: string
}

/** Adds what other servers answer for, in the order given; what this one serves comes first. */
export function withRemote(groups: readonly ApiGroup[], remotes: readonly RemoteVersion[]): readonly ApiGroup[] {
  if (remotes.length === 0) return groups
  const merged = new Map<string, ApiGroup>(groups.map(group => [group.name, group]))
  for (const { group: name, version, ...remote } of remotes) {
    const own: GroupVersion = { group: name, version, resources: [], remote }
    const group = merged.get(name)
    if (!group) merged.set(name, { name, versions: [own] })
    else if (group.versions.every(at => at.version !== version))
      merged.set(name, { name, versions: [...group.versions, own] })
  }
  return [...merged.values()]
}

/** The verbs that discovery tells of: a kind that is going is only read and deleted. */
export function discoveredVerbs({ isTerminating, verbs }: Resource): readonly Verb[] {
  return isTerminating ? ['delete', 'deletecollection', 'get', 'list', 'watch'] : verbs
}
