import type { Container, PodSpec } from '../../../../shared/api/core.ts'
import type { StatusCause } from '../../../../shared/api/object.ts'
import {
  child,
  duplicate,
  forbidden,
  index,
  invalid,
  notSupported,
  required,
  tooLong,
} from '../../../../shared/machinery/field-errors.ts'
import { byteLength, isUnixId } from '../../../../shared/machinery/names.ts'
import { invalidFor, optionalOneOf, repeats } from '../../faults.ts'
import { validateDescendingPath } from '../path-validation.ts'
import { containersOf } from './pod-spec.ts'

type SecurityContext = NonNullable<Container['securityContext']>
type PodSecurityContext = NonNullable<PodSpec['securityContext']>
type Profile = { type?: string; localhostProfile?: string } | undefined

const id = (path: string, value: number | undefined) =>
  value === undefined ? [] : invalidFor(path, value, isUnixId(value))

/** Faults of a container's security settings (ValidateSecurityContext); privileged containers are allowed. */
export function validateSecurityContext(
  context: SecurityContext,
  rules: { path: string; hostUsers: boolean },
): StatusCause[] {
  const { path, hostUsers } = rules
  const { runAsUser, runAsGroup, procMount, privileged, capabilities, allowPrivilegeEscalation: escalates } = context
  const procMountPath = child(path, 'procMount')
  const unmasked = hostUsers && procMount === 'Unmasked'
  const conflicts =
    escalates === false
      ? [
          ...(privileged ? ['`privileged` to true'] : []),
          ...(capabilities?.add ?? [])
            .filter(name => name === 'CAP_SYS_ADMIN')
            .map(name => `\`capabilities.Add\` ${name}`),
        ]
      : []
  return [
    ...id(child(path, 'runAsUser'), runAsUser),
    ...id(child(path, 'runAsGroup'), runAsGroup),
    ...optionalOneOf(procMountPath, procMount, ['Default', 'Unmasked']),
    ...(unmasked ? [invalid(procMountPath, procMount, '`hostUsers` must be false to use `Unmasked`')] : []),
    ...validateSeccomp(context.seccompProfile, child(path, 'seccompProfile')),
    ...conflicts.map(other => invalid(path, context, `cannot set \`allowPrivilegeEscalation\` to false and ${other}`)),
    ...validateAppArmor(context.appArmorProfile, child(path, 'appArmorProfile')),
  ]
}

const profileTypes = ['Localhost', 'RuntimeDefault', 'Unconfined']

function validateSeccomp(profile: Profile, path: string): StatusCause[] {
  if (!profile) return []
  const { type, localhostProfile } = profile
  const at = child(path, 'localhostProfile')
  const typeFaults = type
    ? optionalOneOf(child(path, 'type'), type, profileTypes)
    : [required(child(path, 'type'), 'type is required when seccompProfile is set')]
  if (type !== 'Localhost') {
    // Upstream prints its internal type, whose fields have no JSON names.
    const shown = { Type: type ?? '', LocalhostProfile: localhostProfile ?? null }
    const misplaced = invalid(at, shown, 'can only be set when seccomp type is Localhost')
    return localhostProfile === undefined ? typeFaults : [...typeFaults, misplaced]
  }
  if (localhostProfile === undefined) return [required(at, 'must be set when seccomp type is Localhost')]
  return validateDescendingPath(at, localhostProfile)
}

/** Faults of an AppArmor profile (ValidateAppArmorProfileField). */
export function validateAppArmor(profile: Profile, path: string): StatusCause[] {
  if (!profile) return []
  const { type, localhostProfile: name } = profile
  const at = child(path, 'localhostProfile')
  if (!type) return [required(child(path, 'type'), 'type is required when appArmorProfile is set')]
  if (!profileTypes.includes(type)) return [notSupported(child(path, 'type'), type, profileTypes)]
  if (type !== 'Localhost') {
    return name === undefined ? [] : [invalid(at, name, 'can only be set when AppArmor type is Localhost')]
  }
  if (!name?.trim()) return [required(at, 'must be set when AppArmor type is Localhost')]
  const padded = name === name.trim() ? [] : [invalid(at, name, 'must not be padded with whitespace')]
  return byteLength(name) > 4095 ? [...padded, tooLong(at, 4095)] : padded
}

/** Faults of a pod's security settings (validatePodSpecSecurityContext). `path` is the spec's. */
export function validatePodSecurity(spec: PodSpec, specPath: string): StatusCause[] {
  const context = spec.securityContext ?? {}
  const path = child(specPath, 'securityContext')
  const at = (field: string) => child(path, field)
  const shared = spec.shareProcessNamespace && spec.hostPID
  return [
    ...id(at('fsGroup'), context.fsGroup),
    ...id(at('runAsUser'), context.runAsUser),
    ...id(at('runAsGroup'), context.runAsGroup),
    ...(context.supplementalGroups ?? []).flatMap((group, i) => id(index(at('supplementalGroups'), i), group)),
    ...(shared
      ? [invalid(at('shareProcessNamespace'), true, 'ShareProcessNamespace and HostPID cannot both be enabled')]
      : []),
    ...validateSysctls(spec, { sysctls: context.sysctls ?? [], path: at('sysctls') }),
    ...optionalOneOf(at('fsGroupChangePolicy'), context.fsGroupChangePolicy, ['Always', 'OnRootMismatch']),
    ...validateSeccomp(context.seccompProfile, at('seccompProfile')),
    ...validateAppArmor(context.appArmorProfile, at('appArmorProfile')),
    ...optionalOneOf(at('supplementalGroupsPolicy'), context.supplementalGroupsPolicy, ['Merge', 'Strict']),
    ...optionalOneOf(at('seLinuxChangePolicy'), context.seLinuxChangePolicy, ['Recursive']),
    ...validateHostUsers(spec, specPath),
  ]
}

const segment = '[a-z0-9]([-_a-z0-9]*[a-z0-9])?'
const sysctlFormat = `^(${segment}[\\./])*${segment}$`
const sysctlName = new RegExp(sysctlFormat)

interface Sysctls {
  sysctls: NonNullable<PodSecurityContext['sysctls']>
  path: string
}

function validateSysctls({ hostNetwork, hostIPC }: PodSpec, { sysctls, path }: Sysctls): StatusCause[] {
  const repeated = repeats(sysctls, ({ name }) => name)
  return sysctls.flatMap(({ name }, i) => {
    const at = child(index(path, i), 'name')
    const malformed = name.length > 253 || !sysctlName.test(name)
    const faults = !name
      ? [required(at)]
      : malformed
        ? [invalid(at, name, `must have at most 253 characters and match regex ${sysctlFormat}`)]
        : repeated[i]
          ? [duplicate(at, name)]
          : []
    const dotted = name.replaceAll('/', '.')
    if (hostNetwork && dotted.startsWith('net.'))
      faults.push(invalid(at, name, "may not be specified when 'hostNetwork' is true"))
    if (hostIPC && isIpcSysctl(dotted)) faults.push(invalid(at, name, "may not be specified when 'hostIPC' is true"))
    return faults
  })
}

/** Kernel parameters of the IPC namespace (component-helpers/node/util/sysctl). */
const isIpcSysctl = (name: string) => name === 'kernel.sem' || /^(kernel\.shm|kernel\.msg|fs\.mqueue\.)/.test(name)

/** A pod with users of its own shares no other namespace with the host. */
function validateHostUsers(spec: PodSpec, path: string): StatusCause[] {
  if (spec.hostUsers !== false) return []
  const fault = (at: string) => [forbidden(at, 'when `hostUsers` is false')]
  const devices = containersOf(spec, path).filter(({ container }) => (container.volumeDevices ?? []).length > 0)
  return [
    ...(spec.hostNetwork ? fault(child(path, 'hostNetwork')) : []),
    // The capitals are upstream's.
    ...(spec.hostPID ? fault(child(path, 'HostPID')) : []),
    ...(spec.hostIPC ? fault(child(path, 'HostIPC')) : []),
    ...devices.flatMap(device => fault(child(device.path, 'volumeDevices'))),
  ]
}
