import type { Container, PodSpec } from '../../../../shared/api/core.ts'
import type { StatusCause } from '../../../../shared/api/object.ts'
import { child, duplicate, index, invalid, required, tooMany } from '../../../../shared/machinery/field-errors.ts'
import { isDns1123Label, isPortName, isPortNumber } from '../../../../shared/machinery/names.ts'
import { invalidFor, oneOf, optionalOneOf, repeats } from '../../faults.ts'
import { validateEnv, validateEnvFrom } from './env-validation.ts'
import { validateDevices, validateMounts, type Volumes } from './mount-validation.ts'
import { validateContainerResources } from './resource-validation.ts'
import { validateSecurityContext } from '../pod/security-validation.ts'

/** What containers of all kinds are checked against. */
export interface PodRules {
  spec: PodSpec
  volumes: Volumes
  claimNames: string[]
}

/** What every container needs, whatever list it is in (validateContainerCommon). */
export function validateContainer(container: Container, path: string, rules: PodRules): StatusCause[] {
  const { spec, volumes, claimNames } = rules
  const { name, image, terminationMessagePolicy, imagePullPolicy, resources, securityContext } = container
  const at = (field: string) => child(path, field)
  return [
    ...(name ? invalidFor(at('name'), name, isDns1123Label(name)) : [required(at('name'))]),
    ...(image ? [] : [required(at('image'))]),
    ...oneOf(at('terminationMessagePolicy'), terminationMessagePolicy, ['File', 'FallbackToLogsOnError']),
    ...validatePorts(container.ports ?? [], at('ports')),
    ...validateEnv(container.env ?? [], at('env')),
    ...validateEnvFrom(container.envFrom ?? [], at('envFrom')),
    ...validateMounts(container, { path: at('volumeMounts'), volumes }),
    ...validateDevices(container, { path: at('volumeDevices'), volumes }),
    ...oneOf(at('imagePullPolicy'), imagePullPolicy, ['Always', 'IfNotPresent', 'Never']),
    ...(resources ? validateContainerResources(resources, { path: at('resources'), claimNames }) : []),
    ...validateResizePolicy(container.resizePolicy ?? [], { path: at('resizePolicy'), podPolicy: spec.restartPolicy }),
    ...(securityContext
      ? validateSecurityContext(securityContext, { path: at('securityContext'), hostUsers: spec.hostUsers !== false })
      : []),
  ]
}

type Port = NonNullable<Container['ports']>[number]

function validatePorts(ports: Port[], path: string): StatusCause[] {
  const repeated = repeats(ports, ({ name }) => name)
  return ports.flatMap(({ name, containerPort, hostPort, protocol }, i) => {
    const at = (field: string) => child(index(path, i), field)
    const nameFaults = name ? invalidFor(at('name'), name, isPortName(name)) : []
    return [
      ...(nameFaults.length === 0 && name && repeated[i] ? [duplicate(at('name'), name)] : nameFaults),
      ...(containerPort
        ? invalidFor(at('containerPort'), containerPort, isPortNumber(containerPort))
        : [required(at('containerPort'))]),
      ...(hostPort ? invalidFor(at('hostPort'), hostPort, isPortNumber(hostPort)) : []),
      ...oneOf(at('protocol'), protocol, ['SCTP', 'TCP', 'UDP']),
    ]
  })
}

/** Ports of the node that two containers would share. `containers` carry their paths. */
export function validateHostPorts(containers: { container: Container; path: string }[]): StatusCause[] {
  const seen = new Set<string>()
  const ports = containers.flatMap(({ container, path }) =>
    (container.ports ?? []).map((port, i) => ({ port, path: child(index(child(path, 'ports'), i), 'hostPort') })),
  )
  return ports.flatMap(({ port: { protocol = '', hostIP = '', hostPort }, path }) => {
    if (!hostPort) return []
    const text = `${protocol}/${hostIP}/${hostPort}`
    if (seen.has(text)) return [duplicate(path, text)]
    seen.add(text)
    return []
  })
}

interface ResizeRules {
  path: string
  podPolicy: string | undefined
}

/** Upstream names the list, not the item, in all but the first of these paths. */
function validateResizePolicy(
  policies: NonNullable<Container['resizePolicy']>,
  { path, podPolicy }: ResizeRules,
): StatusCause[] {
  const repeated = repeats(policies, ({ resourceName }) => resourceName)
  return policies.flatMap(({ resourceName, restartPolicy }, i) => [
    ...(repeated[i] ? [duplicate(index(path, i), resourceName)] : []),
    ...oneOf(path, resourceName, ['cpu', 'memory']),
    ...oneOf(path, restartPolicy, ['NotRequired', 'RestartContainer']),
    ...(podPolicy === 'Never' && restartPolicy !== 'NotRequired'
      ? [invalid(path, restartPolicy, "must be 'NotRequired' when pod `restartPolicy` is 'Never'")]
      : []),
  ])
}

/** Faults of a container's own restart policy and rules (KEP-5307, KEP-5532). */
export function validateRestartRules(
  { restartPolicy, restartPolicyRules: rules = [] }: Container,
  path: string,
): StatusCause[] {
  const policyPath = child(path, 'restartPolicy')
  const rulesPath = child(path, 'restartPolicyRules')
  if (restartPolicy === undefined && rules.length === 0) return []
  return [
    ...(restartPolicy === undefined
      ? [required(policyPath, 'must specify restartPolicy when restart rules are used')]
      : optionalOneOf(policyPath, restartPolicy, ['Always', 'Never', 'OnFailure'])),
    ...(rules.length > 20 ? [tooMany(rulesPath, rules.length, 20)] : []),
    ...rules.flatMap(({ action, exitCodes }, i) => {
      const at = index(rulesPath, i)
      const codesPath = child(at, 'exitCodes')
      const values = exitCodes?.values ?? []
      return [
        ...optionalOneOf(child(at, 'action'), action, ['Restart', 'RestartAllContainers']),
        ...(exitCodes
          ? optionalOneOf(child(codesPath, 'operator'), exitCodes.operator, ['In', 'NotIn'])
          : [required(codesPath, 'must be specified')]),
        ...(values.length > 255 ? [tooMany(child(codesPath, 'values'), values.length, 255)] : []),
      ]
    }),
  ]
}
