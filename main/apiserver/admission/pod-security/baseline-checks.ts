import type { Container } from '../../../../shared/api/core.ts'
import { collect, containersThat, type PodLike } from './containers.ts'
import { counted, named, quoted, setters, sortedSet, type Violation } from './wording.ts'

/** The checks of the baseline level (pod-security-admission/policy); which of them hold since when is in checks.ts. */

type Check = (pod: PodLike) => Violation | undefined

const usualCapabilities = [
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'MKNOD',
  'NET_BIND_SERVICE',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
]

export const capabilities: Check = ({ spec }) => {
  const { names, values } = collect(spec, ({ securityContext }) =>
    (securityContext?.capabilities?.add ?? []).filter(name => !usualCapabilities.includes(name)),
  )
  if (names.length === 0) return undefined
  const detail = `${named('container', names)} must not include ${quoted(sortedSet(values))} in securityContext.capabilities.add`
  return { reason: 'non-default capabilities', detail }
}

export const hostNamespaces: Check = ({ spec }) => {
  const shared = (['hostNetwork', 'hostPID', 'hostIPC'] as const).filter(name => spec[name])
  if (shared.length === 0) return undefined
  return { reason: 'host namespaces', detail: shared.map(name => `${name}=true`).join(', ') }
}

export const hostPathVolumes: Check = ({ spec }) => {
  const names = (spec.volumes ?? []).filter(volume => volume.hostPath).map(volume => volume.name)
  return names.length > 0 ? { reason: 'hostPath volumes', detail: named('volume', names) } : undefined
}

export const hostPorts: Check = ({ spec }) => {
  const { names, values } = collect(spec, ({ ports = [] }) =>
    ports.flatMap(({ hostPort }) => (hostPort ? [String(hostPort)] : [])),
  )
  if (names.length === 0) return undefined
  const ports = sortedSet(values)
  const uses = counted(names.length, 'uses', 'use')
  const detail = `${named('container', names)} ${uses} ${counted(ports.length, 'hostPort')} ${ports.join(', ')}`
  return { reason: 'hostPort', detail }
}

export const probeHosts: Check = ({ spec }) => {
  const { names, values } = collect(spec, hostsOf)
  if (names.length === 0) return undefined
  const containers = sortedSet(names)
  const hosts = sortedSet(values)
  const uses = counted(containers.length, 'uses', 'use')
  const what = counted(hosts.length, 'probe or lifecycle host')
  return {
    reason: 'probe or lifecycle host',
    detail: `${named('container', containers)} ${uses} ${what} ${quoted(hosts)}`,
  }
}

function hostsOf({ livenessProbe, readinessProbe, startupProbe, lifecycle }: Container): string[] {
  const handlers = [livenessProbe, readinessProbe, startupProbe, lifecycle?.postStart, lifecycle?.preStop]
  return handlers.flatMap(handler => [handler?.httpGet?.host || [], handler?.tcpSocket?.host || []].flat())
}

export const privileged: Check = ({ spec }) => {
  const names = containersThat(spec, ({ securityContext }) => securityContext?.privileged === true)
  if (names.length === 0) return undefined
  return { reason: 'privileged', detail: `${named('container', names)} must not set securityContext.privileged=true` }
}

export const procMount: Check = ({ spec }) => {
  const { names, values } = collect(spec, ({ securityContext: { procMount: type } = {} }) =>
    type !== undefined && type !== 'Default' ? [type] : [],
  )
  if (names.length === 0) return undefined
  const detail = `${named('container', names)} must not set securityContext.procMount to ${quoted(sortedSet(values))}`
  return { reason: 'procMount', detail }
}

export const hostProcess: Check = ({ spec }) => {
  const byPod = spec.securityContext?.windowsOptions?.hostProcess === true
  const names = containersThat(spec, ({ securityContext }) => securityContext?.windowsOptions?.hostProcess === true)
  if (!byPod && names.length === 0) return undefined
  return {
    reason: 'hostProcess',
    detail: `${setters(byPod, names)} must not set securityContext.windowsOptions.hostProcess=true`,
  }
}

const safeSysctls = [
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.ping_group_range',
  'net.ipv4.ip_unprivileged_port_start',
]

/** Sysctls that are safe, and those that later versions hold for safe, too. */
export const sysctls =
  (...more: string[]): Check =>
  ({ spec }) => {
    const safe = [...safeSysctls, ...more]
    const names = (spec.securityContext?.sysctls ?? []).map(({ name }) => name).filter(name => !safe.includes(name))
    return names.length > 0 ? { reason: 'forbidden sysctls', detail: names.join(', ') } : undefined
  }

type SeLinuxOptions = NonNullable<NonNullable<Container['securityContext']>['seLinuxOptions']>

export const seLinuxOptions =
  (...more: string[]): Check =>
  ({ spec }) => {
    const allowed = ['', 'container_t', 'container_init_t', 'container_kvm_t', ...more]
    // A type that is not allowed, or the field that may not be set.
    const faults = ({ type = '', user, role }: SeLinuxOptions = {}) => [
      ...(allowed.includes(type) ? [] : [`type ${type}`]),
      ...(user ? ['user'] : []),
      ...(role ? ['role'] : []),
    ]
    const byPod = faults(spec.securityContext?.seLinuxOptions)
    const { names, values } = collect(spec, ({ securityContext }) => faults(securityContext?.seLinuxOptions))
    const all = [...byPod, ...values]
    if (all.length === 0) return undefined
    const types = sortedSet(all.flatMap(fault => (fault.startsWith('type ') ? [fault.slice(5)] : [])))
    const data = [
      ...(types.length > 0 ? [`${counted(types.length, 'type')} ${quoted(types)}`] : []),
      ...['user', 'role'].filter(field => all.includes(field)).map(field => `${field} may not be set`),
    ]
    const who = setters(byPod.length > 0, names)
    return {
      reason: 'seLinuxOptions',
      detail: `${who} set forbidden securityContext.seLinuxOptions: ${data.join('; ')}`,
    }
  }
