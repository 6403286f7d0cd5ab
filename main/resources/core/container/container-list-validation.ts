import type { Container, PodSpec } from '../../../../shared/api/core.ts'
import type { StatusCause } from '../../../../shared/api/object.ts'
import {
  child,
  duplicate,
  forbidden,
  index,
  invalid,
  notFoundValue,
  required,
} from '../../../../shared/machinery/field-errors.ts'
import { repeats } from '../../faults.ts'
import { validateContainer, validateHostPorts, validateRestartRules, type PodRules } from './container-validation.ts'
import { validateLifecycle, validateProbes } from './handler-validation.ts'
import { isSidecar } from '../pod/pod-spec.ts'

/** Faults of the regular, init and ephemeral containers of a spec, in this order. */
export function validateContainerLists(path: string, rules: PodRules): StatusCause[] {
  return [
    ...validateContainers(child(path, 'containers'), rules),
    ...validateInitContainers(child(path, 'initContainers'), rules),
    ...validateEphemeralContainers(child(path, 'ephemeralContainers'), rules),
  ]
}

function validateContainers(path: string, rules: PodRules): StatusCause[] {
  const { containers } = rules.spec
  if (containers.length === 0) return [required(path)]
  const repeated = repeats(containers, ({ name }) => name)
  const faults = containers.flatMap((container, i) => {
    const at = index(path, i)
    return [
      ...validateContainer(container, at, rules),
      ...(repeated[i] ? [duplicate(child(at, 'name'), container.name)] : []),
      ...validateRunning(container, at, rules.spec),
      ...validateRestartRules(container, at),
    ]
  })
  return [...faults, ...validateHostPorts(containers.map((container, i) => ({ container, path: index(path, i) })))]
}

/** Hooks and probes: for containers that run beside others. */
function validateRunning(
  container: Container,
  path: string,
  { terminationGracePeriodSeconds: gracePeriod }: PodSpec,
): StatusCause[] {
  const { lifecycle } = container
  return [
    ...(lifecycle ? validateLifecycle(lifecycle, { path: child(path, 'lifecycle'), gracePeriod }) : []),
    ...validateProbes(container, { path, gracePeriod }),
  ]
}

function validateInitContainers(path: string, rules: PodRules): StatusCause[] {
  const { containers, initContainers = [] } = rules.spec
  return initContainers.flatMap((container, i) => {
    const at = index(path, i)
    const { name } = container
    const taken = [...containers, ...initContainers.slice(0, i)].some(other => other.name === name)
    return [
      ...validateContainer(container, at, rules),
      ...validateRestartRules(container, at),
      ...(taken ? [duplicate(child(at, 'name'), name)] : []),
      // Init containers run one by one, so each is checked alone; upstream's path is that of the first.
      ...validateHostPorts([{ container, path: index(path, 0) }]),
      ...(isSidecar(container) ? validateRunning(container, at, rules.spec) : validateShortLived(container, at)),
    ]
  })
}

function validateShortLived(container: Container, path: string): StatusCause[] {
  const unsupported = (['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe'] as const).filter(
    field => container[field],
  )
  const detail = "must not be set to 'RestartContainer' for non-sidecar initContainers"
  return [
    ...unsupported.map(field =>
      forbidden(child(path, field), 'may not be set for init containers without restartPolicy=Always'),
    ),
    ...(container.resizePolicy ?? []).flatMap(({ restartPolicy }, i) =>
      restartPolicy === 'RestartContainer'
        ? [invalid(child(index(child(path, 'resizePolicy'), i), 'restartPolicy'), restartPolicy, detail)]
        : [],
    ),
  ]
}

/** What an ephemeral container can't have: it comes late, has no guarantees and never restarts (KEP-277). */
const notEphemeral = [
  'ports',
  'resources',
  'resizePolicy',
  'restartPolicy',
  'restartPolicyRules',
  'livenessProbe',
  'readinessProbe',
  'startupProbe',
  'lifecycle',
] as const

function validateEphemeralContainers(path: string, rules: PodRules): StatusCause[] {
  const { containers, initContainers = [], ephemeralContainers = [] } = rules.spec
  const others = new Set([...containers, ...initContainers].map(({ name }) => name))
  const cannot = 'cannot be set for an Ephemeral Container'
  const repeated = repeats(ephemeralContainers, ({ name }) => name)
  return ephemeralContainers.flatMap((container, i) => {
    const at = index(path, i)
    const { name, targetContainerName: target } = container
    const taken = others.has(name) || repeated[i]
    const mounts = (container.volumeMounts ?? []).map((mount, j) => ({
      mount,
      at: index(child(at, 'volumeMounts'), j),
    }))
    return [
      ...validateContainer(container, at, rules),
      ...validateImageSpacing(container, at),
      ...(taken ? [duplicate(child(at, 'name'), name)] : []),
      ...(target && !others.has(target) ? [notFoundValue(child(at, 'targetContainerName'), target)] : []),
      ...notEphemeral.filter(field => isSet(container, field)).map(field => forbidden(child(at, field), cannot)),
      ...mounts.flatMap(({ mount, at: mountPath }) => [
        ...(mount.subPath ? [forbidden(child(mountPath, 'subPath'), cannot)] : []),
        ...(mount.subPathExpr ? [forbidden(child(mountPath, 'subPathExpr'), cannot)] : []),
      ]),
    ]
  })
}

/** Empty lists, and resources without any, are zero values in Go; hooks and probes are pointers, set when they are there. */
function isSet(container: Container, field: (typeof notEphemeral)[number]): boolean {
  const value = container[field]
  if (value === undefined) return false
  return field === 'resources' || Array.isArray(value) ? Object.keys(value).length > 0 : true
}

/** Templates may have such images for history's sake, pods may not (validateContainerOnlyForPod). */
export function validateImageSpacing({ image = '' }: Container, path: string): StatusCause[] {
  return image === image.trim()
    ? []
    : [invalid(child(path, 'image'), image, 'must not have leading or trailing whitespace')]
}
