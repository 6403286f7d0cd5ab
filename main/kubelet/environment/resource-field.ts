import type { Container, Pod } from '../../../shared/api/core.ts'
import { milliOf } from '../resources/quantities.ts'

interface ResourceFieldRef {
  resource: string
  containerName?: string
  divisor?: string
}

interface Around {
  /** The container whose value it is when the reference names none. */
  container?: Container
  allocatable: Record<string, string>
}

/**
 * The value of a `resourceFieldRef`: the container's limit or request over the divisor, rounded up. A limit that is
 * not set is the pod's, else the node's allocatable (pkg/kubelet/kubelet_resources.go). Throws if there is no such container.
 */
export function resourceFieldValue(pod: Pod, ref: ResourceFieldRef, { container, allocatable }: Around): string {
  const all = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])]
  const target = ref.containerName ? all.find(c => c.name === ref.containerName) : container
  if (!target) throw new Error(`container ${ref.containerName ?? ''} not found`)
  const dot = ref.resource.indexOf('.')
  const [list, name] = [ref.resource.slice(0, dot), ref.resource.slice(dot + 1)]
  const { limits = {}, requests = {} } = target.resources ?? {}
  // Of huge pages nobody gets more than was asked for.
  const around = name.startsWith('hugepages-') ? [] : [pod.spec.resources?.limits ?? {}, allocatable]
  const limit = [limits, ...around].map(of => of[name]).find(milliOf)
  const value = list === 'limits' ? limit : (requests[name] ?? limits[name])
  const divisor = milliOf(ref.divisor) || 1000
  return `${Math.ceil(milliOf(value) / divisor)}`
}
