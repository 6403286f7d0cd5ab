import { formatIp, parseCidr, parseIp } from '../../../shared/machinery/ip.ts'

/** Doubts about an address in a field that once took any form (apimachinery/pkg/util/validation GetWarningsForIP). */
export function ipWarnings(path: string, value: string): string[] {
  const ip = parseIp(value)
  if (!ip) return []
  const canonical = formatIp(ip)
  if (ip.sloppy || ip.mapped) return [`${path}: non-standard IP address "${value}" is invalid: use "${canonical}"`]
  if (ip.family === 4 || canonical === value) return []
  return [`${path}: IPv6 address "${value}" should be in RFC 5952 canonical format ("${canonical}")`]
}

/** The same for a network (GetWarningsForCIDR). */
export function cidrWarnings(path: string, value: string): string[] {
  const cidr = parseCidr(value)
  if (!cidr) return []
  const { address, bits, ambiguous } = cidr
  const network = `${formatIp({ ...address, bytes: masked(address.bytes, bits) })}/${bits}`
  const single = `${formatIp(address)}/${address.bytes.length * 8}`
  const warnings: string[] = []
  if (ambiguous) {
    warnings.push(
      `${path}: CIDR value "${value}" is ambiguous in this context (should be "${network}" or "${single}"?)`,
    )
  }
  if (address.sloppy || address.mapped) {
    warnings.push(`${path}: non-standard CIDR value "${value}" is invalid: use "${network}"`)
  }
  if (warnings.length > 0 || address.family === 4 || network === value) return warnings
  return [`${path}: IPv6 CIDR value "${value}" should be in RFC 5952 canonical format ("${network}")`]
}

const masked = (bytes: Uint8Array, bits: number) =>
  bytes.map((byte, i) => byte & (0xff00 >> Math.min(8, Math.max(0, bits - i * 8))))

/** The addresses that a load balancer is said to have (Service and Ingress status). */
export function balancerWarnings(ingress: readonly { ip?: string }[] = []): string[] {
  return ingress.flatMap(({ ip }, i) => (ip ? ipWarnings(`status.loadBalancer.ingress[${i}]`, ip) : []))
}
