import type { NetworkPolicy } from '../../../shared/api/networking.ts'
import type { StatusCause } from '../../../shared/api/object.ts'
import { child, forbidden, index, invalid, required } from '../../../shared/machinery/field-errors.ts'
import { isStrictSubset, parseCidr } from '../../../shared/machinery/ip.ts'
import { isPortName, isPortNumber } from '../../../shared/machinery/names.ts'
import { invalidFor, knownOnly } from '../faults.ts'
import { validateCidr } from '../ip-faults.ts'
import { validateLabelSelector } from '../labels.ts'

type Spec = NetworkPolicy['spec']
type Rule = NonNullable<Spec['ingress']>[number] & NonNullable<Spec['egress']>[number]
type Port = NonNullable<Rule['ports']>[number]
type Peer = NonNullable<Rule['from']>[number]
type Block = NonNullable<Peer['ipBlock']>

/** CIDRs that the old policy had are let pass. */
interface Rules {
  path: string
  known: readonly string[]
}

/** Faults of a policy (pkg/apis/networking/validation ValidateNetworkPolicySpec). */
export function validateNetworkPolicy({ spec }: NetworkPolicy, old?: NetworkPolicy): StatusCause[] {
  const known = old ? cidrsOf(old.spec) : []
  const types = spec.policyTypes ?? []
  const typesPath = 'spec.policyTypes'
  return [
    ...validateLabelSelector(spec.podSelector, 'spec.podSelector'),
    ...(spec.ingress ?? []).flatMap((rule, i) => validateRule(rule, { path: index('spec.ingress', i), known })),
    ...(spec.egress ?? []).flatMap((rule, i) => validateRule(rule, { path: index('spec.egress', i), known })),
    ...(types.length > 2
      ? [invalid(typesPath, types, 'may not specify more than two policyTypes')]
      : types.flatMap((type, i) => knownOnly(index(typesPath, i), type, ['Ingress', 'Egress']))),
  ]
}

function cidrsOf({ ingress = [], egress = [] }: Spec): string[] {
  const peers = [...ingress.flatMap(({ from = [] }) => from), ...egress.flatMap(({ to = [] }) => to)]
  return peers.flatMap(({ ipBlock }) => (ipBlock ? [ipBlock.cidr, ...(ipBlock.except ?? [])] : []))
}

function validateRule({ ports = [], from = [], to = [] }: Rule, { path, known }: Rules): StatusCause[] {
  return [
    ...ports.flatMap((port, i) => validatePort(port, index(child(path, 'ports'), i))),
    ...from.flatMap((peer, i) => validatePeer(peer, { path: index(child(path, 'from'), i), known })),
    ...to.flatMap((peer, i) => validatePeer(peer, { path: index(child(path, 'to'), i), known })),
  ]
}

function validatePort({ protocol, port, endPort }: Port, path: string): StatusCause[] {
  const protocolFaults =
    protocol === undefined ? [] : knownOnly(child(path, 'protocol'), protocol, ['TCP', 'UDP', 'SCTP'])
  const portPath = child(path, 'port')
  const endPath = child(path, 'endPort')
  const misplaced = (why: string) =>
    endPort === undefined ? [] : [invalid(endPath, endPort, `may not be specified when \`port\` is ${why}`)]
  if (port === undefined) return [...protocolFaults, ...misplaced('not specified')]
  if (typeof port === 'string') {
    return [...protocolFaults, ...misplaced('non-numeric'), ...invalidFor(portPath, port, isPortName(port))]
  }
  const lower = endPort !== undefined && endPort < port
  return [
    ...protocolFaults,
    ...invalidFor(portPath, port, isPortNumber(port)),
    // Upstream quotes the first port here.
    ...(lower ? [invalid(endPath, port, 'must be greater than or equal to `port`')] : []),
    ...(endPort === undefined ? [] : invalidFor(endPath, endPort, isPortNumber(endPort))),
  ]
}

function validatePeer({ podSelector, namespaceSelector, ipBlock }: Peer, { path, known }: Rules): StatusCause[] {
  const selects = podSelector !== undefined || namespaceSelector !== undefined
  return [
    ...validateLabelSelector(podSelector, child(path, 'podSelector')),
    ...validateLabelSelector(namespaceSelector, child(path, 'namespaceSelector')),
    ...(ipBlock ? validateBlock(ipBlock, { path: child(path, 'ipBlock'), known }) : []),
    ...(selects || ipBlock ? [] : [required(path, 'must specify a peer')]),
    ...(selects && ipBlock ? [forbidden(path, 'may not specify both ipBlock and another peer')] : []),
  ]
}

function validateBlock({ cidr, except = [] }: Block, { path, known }: Rules): StatusCause[] {
  const cidrPath = child(path, 'cidr')
  if (!cidr) return [required(cidrPath)]
  const check = (at: string, value: string) => (known.includes(value) ? [] : validateCidr(at, value))
  const outer = parseCidr(cidr)
  if (!outer) return check(cidrPath, cidr)
  return [
    ...check(cidrPath, cidr),
    ...except.flatMap((value, i) => {
      const at = index(child(path, 'except'), i)
      const inner = parseCidr(value)
      const outside = inner && !isStrictSubset(inner, outer)
      return [...check(at, value), ...(outside ? [invalid(at, value, 'must be a strict subset of `cidr`')] : [])]
    }),
  ]
}
