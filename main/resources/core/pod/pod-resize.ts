import type { Container, Pod, PodSpec } from '../../../../shared/api/core.ts'
import type { StatusCause } from '../../../../shared/api/object.ts'
import { child, forbidden, index, invalid } from '../../../../shared/machinery/field-errors.ts'
import { jsonEqual } from '../../../../shared/machinery/json-value.ts'
import { bumpGeneration } from '../../generation.ts'
import { dropDisabledFields } from './disabled-fields.ts'
import { keepAllBut } from './pod-part.ts'
import { isSidecar, type ResourceList } from './pod-spec.ts'
import { mirrorAnnotation, validatePodAndAnnotations } from './pod-validation.ts'
import { qosClassOf } from '../../../../shared/machinery/qos-class.ts'

type Resources = NonNullable<PodSpec['resources']>
const lists = ['containers', 'initContainers'] as const
const mutable = 'only cpu and memory resources are mutable'

/** Of a write to `/resize`, only resources and resize policies count (podResizeStrategy). */
export function prepareResize(object: Pod, old: Pod): void {
  const { spec } = object
  // Containers that came, went or moved are left for validation to refuse.
  const same = lists.every(list => jsonEqual(names(spec[list]), names(old.spec[list])))
  if (same) {
    const { containers, initContainers, resources } = spec
    keepAllBut(object, old, kept => {
      kept.containers = resized(containers, kept.containers)
      if (initContainers) kept.initContainers = resized(initContainers, kept.initContainers ?? [])
      if (resources) kept.resources = resources
      else delete kept.resources
    })
  }
  dropDisabledFields(object.spec)
  bumpGeneration(object, old)
}

const names = (list: readonly Container[] = []) => list.map(({ name }) => name)

function resized(now: readonly Container[], before: readonly Container[]): Container[] {
  return before.map((container, i) => {
    const { resources: _, resizePolicy: __, ...rest } = structuredClone(container)
    const { resources, resizePolicy } = now[i] ?? {}
    return { ...rest, ...(resources && { resources }), ...(resizePolicy && { resizePolicy }) }
  })
}

/** CPU and memory may change, and nothing with them: the QoS class stays, and nothing asked for goes (ValidatePodResize). */
export function validateResize(object: Pod, old: Pod): StatusCause[] {
  if (old.metadata.annotations?.[mirrorAnnotation] !== undefined)
    return [forbidden('', 'static pods cannot be resized')]
  if (old.spec.os?.name === 'windows') return [forbidden('', 'windows pods cannot be resized')]
  const faults = [
    ...validatePodAndAnnotations(object),
    ...((old.status?.qosClass ?? qosClassOf(old.spec)) === qosClassOf(object.spec)
      ? []
      : [invalid('spec', object.status?.qosClass, 'Pod QOS Class may not change as a result of resizing')]),
    ...(isSupported(old) ? [] : [forbidden('spec', 'Pod running on node without support for resize')]),
    ...validatePodLevel(object.spec.resources, old.spec.resources),
  ]
  const order = lists.flatMap(list => validateOrder(object, old, list))
  if (order.length > 0) return [...faults, ...order]
  const changes = lists.flatMap(list =>
    (old.spec[list] ?? []).flatMap((before, i) => {
      const after = object.spec[list]?.[i]
      return after ? validateContainer(after, before, { path: index(child('spec', list), i), list }) : []
    }),
  )
  return [...faults, ...changes]
}

/** A node that can resize tells what its running containers have. */
function isSupported({ status }: Pod): boolean {
  const running = status?.containerStatuses?.find(({ state }) => state?.running)
  return !running || running.resources !== undefined
}

function validateOrder({ spec }: Pod, { spec: old }: Pod, list: (typeof lists)[number]): StatusCause[] {
  const [now, before] = [names(spec[list]), names(old[list])]
  const path = child('spec', list)
  if (now.length !== before.length) return [forbidden(path, `${list} may not be added or removed on resize`)]
  return before.flatMap((name, i) =>
    now[i] === name
      ? []
      : [forbidden(child(index(path, i), 'name'), `${list} may not be renamed or reordered on resize`)],
  )
}

function validateContainer(
  after: Container,
  before: Container,
  { path, list }: { path: string; list: (typeof lists)[number] },
): StatusCause[] {
  const [now, old] = [after.resources ?? {}, before.resources ?? {}]
  const restarts = (after.resizePolicy ?? []).some(({ restartPolicy }) => restartPolicy === 'RestartContainer')
  const cannotRestart = list === 'initContainers' && !isSidecar(before) && restarts && !jsonEqual(after, before)
  const at = child(path, 'resources')
  const [where, only] =
    list === 'containers'
      ? ['spec', mutable]
      : [path, 'only cpu and memory resources for init or sidecar containers are mutable']
  const others = ({ requests, limits, claims = [] }: Resources) => [fixed(requests), fixed(limits), claims]
  const fixedChanged =
    !jsonEqual(others(now), others(old)) || !jsonEqual(after.resizePolicy ?? [], before.resizePolicy ?? [])
  return [
    ...(removed(now.requests, old.requests)
      ? [forbidden(child(at, 'requests'), 'resource requests cannot be removed')]
      : []),
    ...(removed(now.limits, old.limits) ? [forbidden(child(at, 'limits'), 'resource limits cannot be removed')] : []),
    ...(fixedChanged ? [forbidden(where, only)] : []),
    ...(cannotRestart
      ? [forbidden(path, 'non-sidecar init containers with a resize policy of RestartContainer cannot be resized')]
      : []),
  ]
}

function validatePodLevel(now: Resources | undefined, before: Resources | undefined): StatusCause[] {
  const path = 'spec.resources'
  if (!before) return []
  if (!now) return [forbidden(path, 'pod-level resources cannot be removed')]
  return (['requests', 'limits'] as const).flatMap(list => [
    ...(removed(now[list], before[list])
      ? [forbidden(child(path, list), `pod-level resource ${list} cannot be removed`)]
      : []),
    ...(jsonEqual(fixed(now[list]), fixed(before[list])) ? [] : [forbidden('spec', `${mutable} at pod-level`)]),
  ])
}

/** What can't be resized: all but CPU and memory. */
function fixed(list: ResourceList = {}): ResourceList {
  const { cpu: _, memory: __, ...rest } = list
  return rest
}

const removed = (now: ResourceList = {}, before: ResourceList = {}) => Object.keys(before).some(name => !(name in now))
