import type { StatusCause } from '../../shared/api/object.ts'
import { invalid } from '../../shared/machinery/field-errors.ts'
import { formatIp, parseCidr, parseIp } from '../../shared/machinery/ip.ts'

/** Faults of an IP address in a field (IsValidIPForLegacyField with StrictIPCIDRValidation, on since 1.36). */
export function validateIp(path: string, value: string): StatusCause[] {
  const ip = parseIp(value)
  if (!ip) return [invalid(path, value, 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)')]
  const faults: StatusCause[] = []
  if (ip.sloppy) faults.push(invalid(path, value, 'must not have leading 0s'))
  if (ip.mapped) faults.push(invalid(path, value, 'must not be an IPv4-mapped IPv6 address'))
  return faults
}

/** Faults of a CIDR in a field (IsValidCIDRForLegacyField, strict). */
export function validateCidr(path: string, value: string): StatusCause[] {
  const cidr = parseCidr(value)
  if (!cidr) return [invalid(path, value, 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)')]
  if (cidr.address.sloppy) return [invalid(path, value, 'must not have leading 0s in IP or prefix length')]
  if (cidr.address.mapped) return [invalid(path, value, 'must not have an IPv4-mapped IPv6 address')]
  return cidr.ambiguous ? [invalid(path, value, 'must not have bits set beyond the prefix length')] : []
}

/** Why a text is no IP address in the one form that is written today (IsValidIP). */
export function canonicalIpFaults(value: string): string[] {
  const faults = validateIp('', value).map(({ message = '' }) => message.slice(message.indexOf('must ')))
  const ip = parseIp(value)
  const canonical = ip && formatIp(ip)
  return faults.length > 0 || canonical === value ? faults : [`must be in canonical form ("${canonical ?? ''}")`]
}

/** Faults of a CIDR in a field that has never taken anything but the canonical form (IsValidCIDR). */
export function validateCanonicalCidr(path: string, value: string): StatusCause[] {
  const faults = validateCidr(path, value)
  const cidr = parseCidr(value)
  if (faults.length > 0 || !cidr) return faults
  const canonical = `${formatIp(cidr.address)}/${cidr.bits}`
  return canonical === value ? [] : [invalid(path, value, `must be in canonical form ("${canonical}")`)]
}

/** Faults of an address with the length of its network's prefix, `10.9.8.7/24` (IsValidInterfaceAddress). */
export function validateInterfaceAddress(path: string, value: string): StatusCause[] {
  const cidr = parseCidr(value)
  if (!cidr) {
    return [invalid(path, value, 'must be a valid address in CIDR form, (e.g. 10.9.8.7/24 or 2001:db8::1/64)')]
  }
  const canonical = `${formatIp(cidr.address)}/${cidr.bits}`
  return canonical === value ? [] : [invalid(path, value, `must be in canonical form ("${canonical}")`)]
}

/** Addresses that no endpoint may have (ValidateEndpointIP). */
export function validateEndpointIp(path: string, value: string): StatusCause[] {
  const ip = parseIp(value)
  if (!ip) return [invalid(path, value, 'must be a valid IP address')]
  const [a = 0, b = 0, c = 0] = ip.bytes
  const last = ip.bytes.at(-1)
  const zeros = ip.bytes.subarray(0, -1).every(byte => byte === 0)
  const four = ip.family === 4
  if (zeros && last === 0) return [invalid(path, value, `may not be unspecified (${value})`)]
  if (four ? a === 127 : zeros && last === 1) {
    return [invalid(path, value, 'may not be in the loopback range (127.0.0.0/8, ::1/128)')]
  }
  if (four ? a === 169 && b === 254 : a === 0xfe && (b & 0xc0) === 0x80) {
    return [invalid(path, value, 'may not be in the link-local range (169.254.0.0/16, fe80::/10)')]
  }
  if (four ? a === 224 && b === 0 && c === 0 : a === 0xff && (b & 0x0f) === 2) {
    return [invalid(path, value, 'may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)')]
  }
  return []
}
