/** An IP address. `sloppy` says that it was written with leading zeros, which older clients may send. */
export interface IpAddress {
  family: 4 | 6
  /** 4 or 16 of them. */
  bytes: Uint8Array
  sloppy: boolean
  /** An IPv4 address written as IPv6 (`::ffff:10.0.0.1`); its bytes are the four. */
  mapped: boolean
}

/** Reads an address as Kubernetes' API does (k8s.io/utils/net ParseIPSloppy); undefined for what is none. */
export function parseIp(text: string): IpAddress | undefined {
  return text.includes(':') ? parse6(text) : parse4(text)
}

function parse4(text: string): IpAddress | undefined {
  const parts = text.split('.')
  if (parts.length !== 4 || !parts.every(part => /^\d+$/.test(part) && Number(part) <= 255)) return undefined
  const sloppy = parts.some(part => part.length > 1 && part.startsWith('0'))
  return { family: 4, bytes: Uint8Array.from(parts, Number), sloppy, mapped: false }
}

function parse6(text: string): IpAddress | undefined {
  const tail = /(?:^|:)(\d+\.\d+\.\d+\.\d+)$/.exec(text)?.[1]
  const embedded = tail === undefined ? undefined : parse4(tail)
  if (tail !== undefined && !embedded) return undefined
  const plain = embedded ? text.slice(0, -(tail ?? '').length) + hexPair(embedded.bytes) : text
  const halves = plain.split('::')
  if (halves.length > 2) return undefined
  const [head = [], rest = []] = halves.map(half => (half === '' ? [] : half.split(':')))
  const missing = 8 - head.length - rest.length
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined
  const groups = [...head, ...Array.from({ length: missing }, () => '0'), ...rest]
  if (!groups.every(group => /^[0-9a-fA-F]{1,4}$/.test(group))) return undefined
  const bytes = Uint8Array.from(groups.flatMap(group => [parseInt(group, 16) >> 8, parseInt(group, 16) & 0xff]))
  const sloppy = embedded?.sloppy ?? false
  const mapped = bytes.subarray(0, 10).every(byte => byte === 0) && bytes[10] === 0xff && bytes[11] === 0xff
  return mapped ? { family: 4, bytes: bytes.slice(12), sloppy, mapped } : { family: 6, bytes, sloppy, mapped }
}

const hexPair = ([a = 0, b = 0, c = 0, d = 0]: Uint8Array) =>
  `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`

/** The canonical text: dotted, or RFC 5952. */
export function formatIp({ family, bytes }: Pick<IpAddress, 'family' | 'bytes'>): string {
  if (family === 4) return bytes.join('.')
  const groups = Array.from({ length: 8 }, (_, i) => ((bytes[2 * i] ?? 0) * 256 + (bytes[2 * i + 1] ?? 0)).toString(16))
  const text = groups.join(':')
  // The longest run of at least two zero groups, the first of equals, becomes `::`.
  const runs = [...text.matchAll(/\b0(?::0)+\b/g)].sort((a, b) => b[0].length - a[0].length)
  const [longest] = runs
  if (!longest) return text
  const before = text.slice(0, longest.index).replace(/:$/, '')
  const after = text.slice(longest.index + longest[0].length).replace(/^:/, '')
  return `${before}::${after}`
}

/** A network: an address and the length of its prefix. */
export interface Cidr {
  address: IpAddress
  bits: number
  /** Bits beyond the prefix are set. */
  ambiguous: boolean
}

/** Reads `10.96.0.0/12`; undefined for what is none. */
export function parseCidr(text: string): Cidr | undefined {
  const [ip = '', prefix = '', ...rest] = text.split('/')
  const address = parseIp(ip)
  if (!address || rest.length > 0 || !/^\d+$/.test(prefix)) return undefined
  const bits = Number(prefix) - (address.mapped ? 96 : 0)
  if (bits < 0 || bits > address.bytes.length * 8) return undefined
  const sloppy = address.sloppy || (prefix.length > 1 && prefix.startsWith('0'))
  const ambiguous = address.bytes.some((byte, i) => (byte & (0xff >> Math.min(8, Math.max(0, bits - i * 8)))) !== 0)
  return { address: { ...address, sloppy }, bits, ambiguous }
}

/** Whether `inner` is a part of `outer` and not all of it. */
export function isStrictSubset(inner: Cidr, outer: Cidr): boolean {
  if (inner.address.family !== outer.address.family || inner.bits <= outer.bits) return false
  const differing = inner.address.bytes.findIndex((byte, i) => {
    const mask = (0xff00 >> Math.min(8, Math.max(0, outer.bits - i * 8))) & 0xff
    return ((byte ^ (outer.address.bytes[i] ?? 0)) & mask) !== 0
  })
  return differing === -1
}
