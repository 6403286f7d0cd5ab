import type { Service } from '../../../../shared/api/core.ts'
import type { StatusCause } from '../../../../shared/api/object.ts'
import { duplicate, index, invalid, notSupported, required } from '../../../../shared/machinery/field-errors.ts'
import { parseIp } from '../../../../shared/machinery/ip.ts'
import { repeats } from '../../faults.ts'
import { validateIp } from '../../ip-faults.ts'

const ipsPath = 'spec.clusterIPs'
const familiesPath = 'spec.ipFamilies'
const policyPath = 'spec.ipFamilyPolicy'

/** Whether clients find the pods themselves (`clusterIP: None`). */
export function isHeadless({ spec }: Service): boolean {
  return spec.clusterIPs?.length === 1 && spec.clusterIPs[0] === 'None'
}

/** How cluster IPs, families and policy have to fit together (ValidateServiceClusterIPsRelatedFields). */
export function validateClusterIps(object: Service, old: Service | undefined): StatusCause[] {
  const { spec } = object
  if (spec.type === 'ExternalName') return []
  const ips = spec.clusterIPs ?? []
  const known = old?.spec.clusterIPs ?? []
  const faults = [...validateFirst(object), ...validateFamilies(object)]
  const ipFaults = ips.flatMap((ip, i) => {
    if (i === 0 && ip === 'None') {
      return ips.length > 1 ? [invalid(ipsPath, ips, "'None' must be the first and only value")] : []
    }
    return known.includes(ip) ? [] : validateIp(index(ipsPath, i), ip)
  })
  const count = ips.length > 2 ? [invalid(ipsPath, ips, 'may only hold up to 2 values')] : []
  if (ipFaults.length > 0) return [...faults, ...ipFaults, ...count]
  return [...faults, ...count, ...validateStack(object)]
}

function validateFirst({ spec: { clusterIP = '', clusterIPs = [] } }: Service): StatusCause[] {
  if (clusterIP === '') {
    return clusterIPs.length > 0
      ? [invalid(ipsPath, clusterIPs, 'must be empty when `clusterIP` is not specified')]
      : []
  }
  if (clusterIPs.length === 0) return [required(ipsPath)]
  return clusterIPs[0] === clusterIP ? [] : [invalid(ipsPath, clusterIPs, 'first value must match `clusterIP`')]
}

function validateFamilies({ spec: { ipFamilies = [], ipFamilyPolicy } }: Service): StatusCause[] {
  const families = ['IPv4', 'IPv6']
  const repeated = repeats(ipFamilies, family => family)
  const policies = ['PreferDualStack', 'RequireDualStack', 'SingleStack']
  return [
    ...ipFamilies.flatMap((family, i) => [
      ...(families.includes(family) ? [] : [notSupported(index(familiesPath, i), family, families)]),
      ...(repeated[i] ? [duplicate(index(familiesPath, i), family)] : []),
    ]),
    ...(ipFamilyPolicy === undefined || policies.includes(ipFamilyPolicy)
      ? []
      : [notSupported(policyPath, ipFamilyPolicy, policies)]),
  ]
}

function validateStack(object: Service): StatusCause[] {
  const { clusterIPs: ips = [], ipFamilies = [] } = object.spec
  const familyOf = (ip: string) => `IPv${parseIp(ip)?.family ?? 4}`
  const faults: StatusCause[] = []
  if (ips.length > 1 && new Set(ips.map(familyOf)).size < 2) {
    faults.push(invalid(ipsPath, ips, 'may specify no more than one IP for each IP family'))
  }
  if (isHeadless(object)) return faults
  ips.forEach((ip, i) => {
    const family = ipFamilies[i]
    if ((family !== 'IPv4' && family !== 'IPv6') || family === familyOf(ip)) return
    faults.push(invalid(index(ipsPath, i), ip, `expected an ${family} value as indicated by \`ipFamilies[${i}]\``))
  })
  return faults
}

/** A Service may gain and lose its second IP and family; the first stays (validateUpgradeDowngrade...). */
export function validateClusterIpsUpdate(object: Service, old: Service): StatusCause[] {
  if (object.spec.type === 'ExternalName' || old.spec.type === 'ExternalName') return []
  const headless = isHeadless(object)
  const wasHeadless = isHeadless(old)
  const policy = object.spec.ipFamilyPolicy
  const ips: Change = {
    path: ipsPath,
    noun: 'clusterIP',
    unset: (object.spec.clusterIPs ?? []).length === 0,
    now: object.spec.clusterIPs ?? [],
    before: old.spec.clusterIPs ?? [],
    policy,
  }
  const families: Change = {
    path: familiesPath,
    noun: 'ipFamily',
    // Upstream looks at the IPs here, too.
    unset: (object.spec.clusterIPs ?? []).length === 0,
    now: object.spec.ipFamilies ?? [],
    before: old.spec.ipFamilies ?? [],
    policy,
  }
  return [
    ...(headless && wasHeadless ? [] : validateChange(ips)),
    ...(headless || wasHeadless ? [] : validateChange(families)),
  ]
}

interface Change {
  path: string
  noun: string
  /** Nothing is left of what was given out. */
  unset: boolean
  now: string[]
  before: string[]
  policy: string | undefined
}

function validateChange({ path, noun, unset, now, before, policy }: Change): StatusCause[] {
  const changed = (i: number) => invalid(index(path, i), now, 'may not change once set')
  if (now.length === before.length) return before.flatMap((value, i) => (value === now[i] ? [] : [changed(i)]))
  const first = before.length > 0 && now.length > 0 && before[0] !== now[0] ? [changed(0)] : []
  if (now.length > before.length) return first
  const lost = unset ? [invalid(index(path, 0), now, `primary ${noun} can not be unset`)] : []
  const single = now.length === 1 && policy !== 'SingleStack'
  const release = `must be set to 'SingleStack' when releasing the secondary ${noun}`
  return [...lost, ...first, ...(single ? [invalid(policyPath, policy, release)] : [])]
}
