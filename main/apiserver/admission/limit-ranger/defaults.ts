import type { Container, LimitRange, Pod } from '../../../../shared/api/core.ts'

type Limits = LimitRange['spec']['limits']
type ResourceList = Record<string, string>

const annotation = 'kubernetes.io/limit-ranger'

/** Gives containers the defaults for what they leave out, and says so in an annotation (mergePodResourceRequirements). */
export function setDefaults({ metadata, spec }: Pod, limits: Limits): void {
  const own = limits.filter(({ type }) => type === 'Container')
  const defaults = {
    requests: own.reduce<ResourceList>((all, { defaultRequest }) => ({ ...all, ...defaultRequest }), {}),
    limits: own.reduce<ResourceList>((all, item) => ({ ...all, ...item.default }), {}),
  }
  const said = [
    ...spec.containers.flatMap(container => merge(container, 'container', defaults)),
    ...(spec.initContainers ?? []).flatMap(container => merge(container, 'init container', defaults)),
  ]
  if (said.length === 0) return
  metadata.annotations = { ...metadata.annotations, [annotation]: `LimitRanger plugin set: ${said.join('; ')}` }
}

interface Defaults {
  requests: ResourceList
  limits: ResourceList
}

function merge(container: Container, title: string, defaults: Defaults): string[] {
  return (['requests', 'limits'] as const).flatMap(list => {
    const given = container.resources?.[list] ?? {}
    const missing = Object.entries(defaults[list]).filter(([name]) => !Object.hasOwn(given, name))
    if (missing.length === 0) return []
    container.resources = { ...container.resources, [list]: { ...given, ...Object.fromEntries(missing) } }
    const names = missing.map(([name]) => name).sort()
    return [`${names.join(', ')} ${list === 'requests' ? 'request' : 'limit'} for ${title} ${container.name}`]
  })
}
