/** Why a pod is not allowed: the reason stands for all pods alike, the detail names what is wrong in this one. */
export interface Violation {
  reason: string
  detail: string
}

/** `"a", "b"` */
export function quoted(items: Iterable<string>): string {
  return [...items].map(item => `"${item}"`).join(', ')
}

/** Each once, sorted, as Go prints a set of strings. */
export function sortedSet(items: Iterable<string>): string[] {
  return [...new Set(items)].sort()
}

/** The singular or the plural, whose default is an `s` more. */
export function counted(number: number, singular: string, plural = `${singular}s`): string {
  return number === 1 ? singular : plural
}

/** `container "a"`, `containers "a", "b"` */
export function named(kind: 'container' | 'volume', names: readonly string[]): string {
  return `${counted(names.length, kind)} ${quoted(names)}`
}

/** Who has set something: `pod and container "a"`. */
export function setters(byPod: boolean, containers: readonly string[]): string {
  return [...(byPod ? ['pod'] : []), ...(containers.length > 0 ? [named('container', containers)] : [])].join(' and ')
}
