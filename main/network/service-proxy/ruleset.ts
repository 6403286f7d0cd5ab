import { keyOf, type VirtualPort } from './virtual-ports.ts'

/** The table that is ours in each pod's network namespace. */
const table = 'podbay'

interface RulesetOptions {
  serviceRange: string
  /** For the namespace of a node: what it serves to others. */
  external?: VirtualPort[]
}

/**
 * The rules that make virtual ports reachable from inside one network namespace, as input for `nft -f`: applied in one
 * step, replacing those before. A pod's own connections are redirected where they start, so the source address stays
 * the pod's. What still goes to a service address afterwards has no endpoint, or no such port, and is refused at once.
 * Where others come in, they are passed on under the node's address: answers would not find the way back through it.
 */
export function ruleset(ports: VirtualPort[], { serviceRange, external }: RulesetOptions): string {
  return `table ip ${table}
delete table ip ${table}
table ip ${table} {
${portMap('ports', ports)}${external ? portMap('external', external) : ''}  chain nat-output {
    type nat hook output priority -100;
    ip daddr . meta l4proto . th dport vmap @ports
  }
  chain refuse {
    type filter hook output priority 0;
    ip daddr ${serviceRange} meta l4proto tcp reject with tcp reset
    ip daddr ${serviceRange} reject
  }
${external ? passOn : ''}}
`
}

/** Ports of the node's loopback lead to pods too, so its addresses are routed; nobody else may use them to come in. */
const passOn = `  chain guard {
    type filter hook prerouting priority -300;
    iifname != "lo" ip daddr 127.0.0.0/8 drop
  }
  chain nat-prerouting {
    type nat hook prerouting priority -100;
    ip daddr . meta l4proto . th dport vmap @external
  }
  chain nat-postrouting {
    type nat hook postrouting priority 100;
    ct status dnat masquerade
  }
`

/** A map from ports to the chains that choose a backend, and those chains. */
function portMap(name: string, ports: VirtualPort[]): string {
  const served = ports.filter(({ backends }) => backends.length > 0)
  const elements = served.map((port, index) => `      ${keyOf(port)} : goto ${name}-${index}`)
  return `  map ${name} {
    type ipv4_addr . inet_proto . inet_service : verdict
${elements.length > 0 ? `    elements = {\n${elements.join(',\n')}\n    }\n` : ''}  }
${served.map((port, index) => chain(`${name}-${index}`, port)).join('')}`
}

function chain(name: string, { protocol, backends, sticky, sources }: VirtualPort): string {
  const targets = backends.map(({ address, port }, index) => `${index} : ${address} . ${port}`)
  // In a pod's namespace the only client is the pod: hashing its address over the backends gives each pod its own.
  const choice = sticky
    ? `jhash ip saddr . ip daddr mod ${backends.length} seed 0x1`
    : `numgen random mod ${backends.length}`
  const closed = sources?.length === 0 ? 'drop' : `ip saddr != { ${sources?.join(', ') ?? ''} } drop`
  return `  chain ${name} {
${sources ? `    ${closed}\n` : ''}    meta l4proto ${protocol} dnat ip to ${choice} map { ${targets.join(', ')} }
  }
`
}

/**
 * Commands that end UDP flows to backends that are gone: without them a client that keeps its port would go on sending
 * to an address nobody answers at (kube-proxy's conntrack cleanup). They fail when there is no such flow.
 */
export function staleFlows(before: VirtualPort[], now: VirtualPort[]): string[] {
  const kept = new Map<string, Set<string>>()
  for (const port of now) {
    const addresses = port.backends.map(({ address }) => address)
    kept.set(keyOf(port), new Set([...(kept.get(keyOf(port)) ?? []), ...addresses]))
  }
  return before
    .filter(({ protocol }) => protocol === 'udp')
    .flatMap(port => {
      const gone = port.backends.filter(({ address }) => !kept.get(keyOf(port))?.has(address))
      return gone.map(
        ({ address }) =>
          `conntrack -D -p udp --orig-dst ${port.address} --orig-port-dst ${port.port} --reply-src ${address}`,
      )
    })
}
