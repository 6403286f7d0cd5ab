import * as baseline from './baseline-checks.ts'
import type { PodLike } from './containers.ts'
import type { LevelVersion } from './pod-policy.ts'
import { appArmorProfile, seccompAnnotations, seccompProfile, someSeccompProfile } from './profile-checks.ts'
import * as restricted from './restricted-checks.ts'
import type { Violation } from './wording.ts'

type Check = (pod: PodLike) => Violation | undefined

interface History {
  /** The check since each minor version that changed it, the newest last. */
  readonly since: readonly (readonly [minor: number, check: Check])[]
  /** The check of the baseline level whose place it takes. */
  readonly replaces?: string
}

const always = (check: Check): History => ({ since: [[0, check]] })
/** Since v1.25 what only Linux knows is not asked of pods that say that they are for Windows. */
const onLinux =
  (check: Check): Check =>
  pod =>
    pod.spec.os?.name === 'windows' ? undefined : check(pod)
/** Since v1.35 users of a pod with a user namespace of its own are nobody outside. */
const unlessOwnUsers =
  (check: Check): Check =>
  pod =>
    pod.spec.hostUsers === false ? undefined : check(pod)

const reserved = 'net.ipv4.ip_local_reserved_ports'
const tcp = ['keepalive_time', 'fin_timeout', 'keepalive_intvl', 'keepalive_probes'].map(name => `net.ipv4.tcp_${name}`)

/** In the order in which messages name them. */
const baselineChecks: Readonly<Record<string, History>> = {
  appArmorProfile: always(appArmorProfile),
  capabilities_baseline: always(baseline.capabilities),
  hostNamespaces: always(baseline.hostNamespaces),
  hostPathVolumes: always(baseline.hostPathVolumes),
  hostPorts: always(baseline.hostPorts),
  hostProbesAndHostLifecycle: { since: [[34, baseline.probeHosts]] },
  privileged: always(baseline.privileged),
  procMount: {
    since: [
      [0, baseline.procMount],
      [35, unlessOwnUsers(baseline.procMount)],
    ],
  },
  seLinuxOptions: {
    since: [
      [0, baseline.seLinuxOptions()],
      [31, baseline.seLinuxOptions('container_engine_t')],
    ],
  },
  seccompProfile_baseline: {
    since: [
      [0, seccompAnnotations],
      [19, seccompProfile],
    ],
  },
  sysctls: {
    since: [
      [0, baseline.sysctls()],
      [27, baseline.sysctls(reserved)],
      [29, baseline.sysctls(reserved, ...tcp)],
      [32, baseline.sysctls(reserved, ...tcp, 'net.ipv4.tcp_rmem', 'net.ipv4.tcp_wmem')],
    ],
  },
  windowsHostProcess: always(baseline.hostProcess),
}

const restrictedChecks: readonly History[] = [
  {
    since: [
      [8, restricted.allowPrivilegeEscalation],
      [25, onLinux(restricted.allowPrivilegeEscalation)],
    ],
  },
  {
    since: [
      [22, restricted.droppedCapabilities],
      [25, onLinux(restricted.droppedCapabilities)],
    ],
    replaces: 'capabilities_baseline',
  },
  { since: [[35, baseline.procMount]], replaces: 'procMount' },
  { since: [[0, restricted.volumeTypes]], replaces: 'hostPathVolumes' },
  {
    since: [
      [0, restricted.runAsNonRoot],
      [35, unlessOwnUsers(restricted.runAsNonRoot)],
    ],
  },
  {
    since: [
      [23, restricted.runAsUser],
      [35, unlessOwnUsers(restricted.runAsUser)],
    ],
  },
  {
    since: [
      [19, someSeccompProfile],
      [25, onLinux(someSeccompProfile)],
    ],
    replaces: 'seccompProfile_baseline',
  },
]

/** Everything that a level has against a pod (pod-security-admission/policy/registry.go). */
export function violationsOf(pod: PodLike, { level, minor }: LevelVersion): Violation[] {
  if (level === 'privileged') return []
  const stricter =
    level === 'restricted' ? restrictedChecks.filter(({ since }) => since.some(([from]) => from <= minor)) : []
  const replaced = new Set(stricter.map(({ replaces }) => replaces))
  const base = Object.entries(baselineChecks).flatMap(([id, history]) => (replaced.has(id) ? [] : [history]))
  return [...base, ...stricter].flatMap(({ since }) => {
    const check = since.findLast(([from]) => from <= minor)?.[1]
    return check?.(pod) ?? []
  })
}
