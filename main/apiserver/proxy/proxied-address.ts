import { BlockList, isIP } from 'node:net'
import type { Node, Pod } from '../../../shared/api/core.ts'
import { badRequest, serviceUnavailable } from '../../../shared/machinery/status.ts'
import type { Address } from '../egress/dial.ts'
import type { Target } from './proxied-path.ts'

/** Unspecified, loopback, link-local, multicast and broadcast: no addresses of one host among many (Go's IsGlobalUnicast). */
const forbidden = new BlockList()
for (const [net, bits] of [
  ['0.0.0.0', 32],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['224.0.0.0', 4],
  ['255.255.255.255', 32],
] as const) {
  forbidden.addSubnet(net, bits)
}
for (const [net, bits] of [
  ['::', 128],
  ['::1', 128],
  ['fe80::', 10],
  ['ff00::', 8],
] as const) {
  forbidden.addSubnet(net, bits, 'ipv6')
}

/** Throws 400 for an address under which the engine's own machine might answer. */
function checked(ip: string): string {
  const family = isIP(ip)
  if (family === 0 || forbidden.check(ip, family === 4 ? 'ipv4' : 'ipv6')) throw badRequest('address not allowed')
  return ip
}

/** A port's number, the scheme's own without one. */
function portOf({ scheme, port }: Target): number {
  if (port === '') return scheme === 'https' ? 443 : 80
  if (/^\d{1,5}$/.test(port)) return Number(port)
  throw serviceUnavailable(`error trying to reach service: dial tcp: lookup tcp/${port}: unknown port`)
}

/** Where a pod is; without a port its first container port counts (registry/core/pod/strategy.go, ResourceLocation). */
export function podAddress({ spec, status }: Pod, target: Target): Address {
  const declared = spec.containers.flatMap(({ ports }) => ports?.[0]?.containerPort ?? [])[0]
  const port = target.port === '' ? String(declared ?? '') : target.port
  return { host: checked(status?.podIP ?? status?.podIPs?.[0]?.ip ?? ''), port: portOf({ ...target, port }) }
}

/** A port of a node, in the order in which upstream prefers its addresses (--kubelet-preferred-address-types). */
export function nodeAddress({ metadata, status }: Node, target: Target): Address {
  const ips = ['InternalIP', 'ExternalIP'].flatMap(type =>
    (status?.addresses ?? []).filter(address => address.type === type).map(({ address }) => address),
  )
  const [host] = ips
  if (host === undefined) throw badRequest(`no preferred addresses found for node "${metadata.name}"`)
  return { host: checked(host), port: portOf(target) }
}
