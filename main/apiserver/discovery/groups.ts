import type { Resource, Verb } from '../../resources/resource.ts'

/** The resources of one version of a group. */
export interface GroupVersion {
  readonly group: string
  readonly version: string
  readonly resources: readonly Resource[]
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

/** The verbs that discovery tells of: a kind that is going is only read and deleted. */
export function discoveredVerbs({ isTerminating, verbs }: Resource): readonly Verb[] {
  return isTerminating ? ['delete', 'deletecollection', 'get', 'list', 'watch'] : verbs
}
