import { BlockList, isIPv4 } from 'node:net'

/** The addresses of a Service CIDR (IPv4). */
export interface IpRange {
  readonly cidr: string
  /** The first usable address: that of the `kubernetes` Service. */
  readonly first: string
  contains(ip: string): boolean
  /** Usable addresses: neither network nor broadcast. */
  readonly size: number
  /** The address at an offset below `size`. */
  at(offset: number): string
  /** How many addresses at the start are left to those who ask for one (KEP-3070). */
  readonly reserved: number
}

/** Throws an Error for anything but an IPv4 CIDR of /8 to /30. */
export function ipRange(cidr: string): IpRange {
  const [base = '', bits = ''] = cidr.split('/')
  const prefix = Number(bits)
  if (!isIPv4(base) || !(prefix >= 8 && prefix <= 30)) throw new Error(`not an IPv4 CIDR of /8 to /30: ${cidr}`)
  const block = new BlockList()
  block.addSubnet(base, prefix)
  const hosts = 2 ** (32 - prefix)
  const network = Math.floor(toNumber(base) / hosts) * hosts
  const size = hosts - 2
  return {
    cidr,
    first: toText(network + 1),
    contains: ip => isIPv4(ip) && block.check(ip),
    size,
    at: offset => toText(network + 1 + offset),
    // min(max(16, size / 16), 256), and nothing in ranges that are too small to divide.
    reserved: hosts < 16 ? 0 : Math.min(Math.max(16, Math.floor(hosts / 16)), 256, size),
  }
}

const toNumber = (ip: string) => ip.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
const toText = (value: number) => [24, 16, 8, 0].map(shift => Math.floor(value / 2 ** shift) % 256).join('.')
