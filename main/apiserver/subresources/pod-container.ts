import { pods, type Pod } from '../../../shared/api/core.ts'
import { badRequest, notFound } from '../../../shared/machinery/status.ts'
import { subjectOf } from '../registry/core.ts'
import { find } from '../registry/find.ts'
import type { ResourceCall } from '../verbs/resource-call.ts'

const defaultContainer = 'kubectl.kubernetes.io/default-container'

/** The pod that a request names. Throws 404. */
export function podOf({ core, resource, namespace, name }: ResourceCall): Pod {
  const pod = find(core.store, pods, { namespace, name })
  if (!pod) throw notFound(subjectOf(resource, name))
  return pod
}

/**
 * The container that a request is about: the one it names, the only one, or the annotated default
 * (registry/core/pod/strategy.go). Throws 400 in upstream's words.
 */
export function containerOf({ metadata, spec }: Pod, asked: string): string {
  const { initContainers = [], containers, ephemeralContainers = [] } = spec
  const names = (list: readonly { name: string }[]) => list.map(({ name }) => name)
  if (asked !== '') {
    const all = names([...containers, ...initContainers, ...ephemeralContainers])
    if (!all.includes(asked)) throw badRequest(`container ${asked} is not valid for pod ${metadata.name}`)
    return asked
  }
  const annotated = metadata.annotations?.[defaultContainer]
  if (annotated !== undefined && names(containers).includes(annotated)) return annotated
  const [only] = containers
  if (only && containers.length === 1) return only.name
  const inits = initContainers.length > 0 ? ` or one of the init containers: [${names(initContainers).join(' ')}]` : ''
  throw badRequest(
    `a container name must be specified for pod ${metadata.name}, choose one of: [${names(containers).join(' ')}]${inits}`,
  )
}
