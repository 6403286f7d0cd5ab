import { formatIp, parseCidr, parseIp, type Cidr, type IpAddress } from '../../ip.ts'
import type { Library } from '../functions.ts'
import { EvaluationError, type Opaque, type OpaqueType } from '../value.ts'

type Ip = Opaque<IpAddress>
type Network = Opaque<Cidr>

const ipType: OpaqueType<IpAddress> = {
  name: 'net.IP',
  equals: (a, b) => formatIp(a) === formatIp(b),
  size: ({ bytes }) => bytes.length,
}
const cidrType: OpaqueType<Cidr> = {
  name: 'net.CIDR',
  equals: (a, b) => formatCidr(a) === formatCidr(b),
  size: ({ bits }) => Math.ceil(bits / 8),
}

const ipOf = (value: IpAddress): Ip => ({ kind: 'opaque', type: ipType, value })
const cidrOf = (value: Cidr): Network => ({ kind: 'opaque', type: cidrType, value })
const formatCidr = ({ address, bits }: Cidr) => `${formatIp(address)}/${bits}`

/** Unlike most of the API, the library takes no leading zeros and no IPv4 in IPv6. */
function readIp(text: string): IpAddress | string {
  const address = parseIp(text)
  if (!address || address.sloppy) {
    return `IP Address ${JSON.stringify(text)} parse error during conversion from string: ParseAddr(${JSON.stringify(text)}): unable to parse IP`
  }
  return address.mapped ? `IPv4-mapped IPv6 address ${JSON.stringify(text)} is not allowed` : address
}

function readCidr(text: string): Cidr | string {
  const cidr = parseCidr(text)
  if (!cidr || cidr.address.sloppy) {
    return `network address parse error during conversion from string: netip.ParsePrefix(${JSON.stringify(text)}): no valid prefix`
  }
  return cidr.address.mapped ? `IPv4-mapped IPv6 address ${JSON.stringify(text)} is not allowed` : cidr
}

function orThrow<T>(read: T | string): T {
  if (typeof read === 'string') throw new EvaluationError(read)
  return read
}

/** The address with the bits after the prefix zero. */
function mask({ address, bits }: Pick<Cidr, 'address' | 'bits'>): IpAddress {
  const bytes = address.bytes.map((byte, i) => byte & ~(0xff >> Math.min(8, Math.max(0, bits - i * 8))))
  return { ...address, bytes }
}

function includes(cidr: Cidr, address: IpAddress): boolean {
  return address.family === cidr.address.family && formatIp(mask({ address, bits: cidr.bits })) === formatIp(mask(cidr))
}

const includesCidr = (outer: Cidr, inner: Cidr) => outer.bits <= inner.bits && includes(outer, inner.address)

const begins = ({ bytes }: IpAddress, ...wanted: number[]) => wanted.every((byte, i) => bytes[i] === byte)
const isUnspecified = ({ bytes }: IpAddress) => bytes.every(byte => byte === 0)
const isLoopback = (ip: IpAddress) => (ip.family === 4 ? begins(ip, 127) : formatIp(ip) === '::1')
const isMulticast = (ip: IpAddress) => (ip.family === 4 ? ((ip.bytes[0] ?? 0) & 0xf0) === 0xe0 : begins(ip, 0xff))
const isLocalMulticast = (ip: IpAddress) =>
  ip.family === 4 ? begins(ip, 224, 0, 0) : ip.bytes[0] === 0xff && ((ip.bytes[1] ?? 0) & 0x0f) === 2
const isLocalUnicast = (ip: IpAddress) =>
  ip.family === 4 ? begins(ip, 169, 254) : ip.bytes[0] === 0xfe && ((ip.bytes[1] ?? 0) & 0xc0) === 0x80
const isGlobal = (ip: IpAddress) =>
  !isUnspecified(ip) && !isLoopback(ip) && !isMulticast(ip) && !isLocalUnicast(ip) && formatIp(ip) !== '255.255.255.255'

/** Addresses and networks (apiserver/pkg/cel/library/ip.go, cidr.go). */
export const network: Library = {
  'ip(string) -> net.IP': (text: string) => ipOf(orThrow(readIp(text))),
  'isIP(string) -> bool': (text: string) => typeof readIp(text) !== 'string',
  'ip:isCanonical(string) -> bool': (text: string) => formatIp(orThrow(readIp(text))) === text,
  'string(net.IP) -> string': ({ value }: Ip) => formatIp(value),
  'net.IP.family() -> int': ({ value }: Ip) => BigInt(value.family),
  'net.IP.isUnspecified() -> bool': ({ value }: Ip) => isUnspecified(value),
  'net.IP.isLoopback() -> bool': ({ value }: Ip) => isLoopback(value),
  'net.IP.isLinkLocalMulticast() -> bool': ({ value }: Ip) => isLocalMulticast(value),
  'net.IP.isLinkLocalUnicast() -> bool': ({ value }: Ip) => isLocalUnicast(value),
  'net.IP.isGlobalUnicast() -> bool': ({ value }: Ip) => isGlobal(value),
  'cidr(string) -> net.CIDR': (text: string) => cidrOf(orThrow(readCidr(text))),
  'isCIDR(string) -> bool': (text: string) => typeof readCidr(text) !== 'string',
  'string(net.CIDR) -> string': ({ value }: Network) => formatCidr(value),
  'net.CIDR.ip() -> net.IP': ({ value }: Network) => ipOf(value.address),
  'net.CIDR.prefixLength() -> int': ({ value }: Network) => BigInt(value.bits),
  'net.CIDR.masked() -> net.CIDR': ({ value }: Network) => cidrOf({ ...value, address: mask(value), ambiguous: false }),
  'net.CIDR.containsIP(string) -> bool': ({ value }: Network, text: string) => includes(value, orThrow(readIp(text))),
  'net.CIDR.containsIP(net.IP) -> bool': ({ value }: Network, ip: Ip) => includes(value, ip.value),
  'net.CIDR.containsCIDR(string) -> bool': ({ value }: Network, text: string) =>
    includesCidr(value, orThrow(readCidr(text))),
  'net.CIDR.containsCIDR(net.CIDR) -> bool': ({ value }: Network, other: Network) => includesCidr(value, other.value),
}
