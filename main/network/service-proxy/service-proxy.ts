import { nodes, services, type Node } from '../../../shared/api/core.ts'
import { endpointSlices } from '../../../shared/api/discovery.ts'
import type { Informers } from '../../../shared/client/informer.ts'
import type { Clock } from '../../../shared/machinery/clock.ts'
import type { Logger } from '../../../shared/machinery/log.ts'
import { createHealthChecks, type EngineAddress } from './health-checks.ts'
import { hostPorts, type HostPort, type PortHolder } from './host-ports.ts'
import { ruleset, staleFlows } from './ruleset.ts'
import { byKey, externalPorts, virtualPorts, type ServiceWorld, type VirtualPort } from './virtual-ports.ts'

/** What the proxy needs of a node: running a script in network namespaces. The node agent can. */
interface NetworkNamespaces {
  /** Gives `input` to the script on stdin in each; returns what went wrong, by sandbox id. Those gone are no failure. */
  run(sandboxIds: string[], script: string, input: string): Promise<Map<string, string>>
}

/** Makes Services reachable in the pods of one node, and at the node's addresses. Its shape is the kubelet's PodNetwork. */
export interface ServiceProxy extends AsyncDisposable {
  /**
   * Resolves when the pod's rules, and those of the node for its host ports, are in place; rejects with nft's words. Also
   * called for pods found after a restart.
   */
  setUp(sandbox: { id: string; ip: string }, ports: readonly HostPort[]): Promise<void>
  /** The pod's rules vanish with its namespace; its host ports are free when the node's rules are written next. */
  tearDown(sandbox: { id: string }): Promise<void>
  /** The node's container may be another one, which has no rules yet. */
  recheck(): void
}

interface ServiceProxyOptions {
  informers: Informers
  namespaces: NetworkNamespaces
  /** The container whose network namespace is the node's; rejects while there is none. */
  nodeContainer: () => Promise<string>
  /** Where nodes reach this process. */
  engine: () => Promise<EngineAddress>
  node: string
  /** `10.96.0.0/16` */
  serviceRange: string
  clock: Clock
  log: Logger
}

const retryAfter = 5_000

interface Arrivals {
  sandboxes: { id: string; ip: string; ports: readonly HostPort[] }[]
  /** What went wrong, by sandbox id. */
  welcomed?: Promise<Map<string, string>>
}

/** Rules and what they were made from. */
interface Rules {
  ports: VirtualPort[]
  text: string
}

/** Changes are gathered while rules are being written: however many there are, the next round writes the newest. */
export function createServiceProxy(options: ServiceProxyOptions): ServiceProxy {
  const { informers, namespaces, nodeContainer, engine, node, serviceRange, clock, log } = options
  const known = { services: informers.informer(services), slices: informers.informer(endpointSlices) }
  const knownNodes = informers.informer(nodes)
  const synced = Promise.all([known.services.synced, known.slices.synced, knownNodes.synced])
  /** The rules in each sandbox; undefined until they are there. */
  const applied = new Map<string, Rules | undefined>()
  const holders = new Map<string, PortHolder>()
  /** And in the node's own namespace. */
  let own: (Rules & { id: string }) | undefined
  /** Those who wait for their turn together. */
  let arrivals: Arrivals = { sandboxes: [] }
  let retry: Disposable | undefined
  let dirty = false
  let healthy = true
  const checks = createHealthChecks({ engine, isHealthy: () => healthy, log })
  let writing: Promise<void> = Promise.resolve()

  function seen(): ServiceWorld {
    const addresses = addressesOf(knownNodes.get({ namespace: '', name: node }))
    return { services: known.services.list(), slices: known.slices.list(), node: { name: node, addresses } }
  }

  function wanted(world: ServiceWorld): { pods: Rules; node: Rules } {
    const { addresses } = world.node
    const answered = checks.ports(addresses)
    const ports = byKey([...virtualPorts(world), ...answered])
    const taken = hostPorts([...holders.values()], addresses)
    const local = byKey([...taken.own, ...ports])
    const external = byKey([...taken.external, ...externalPorts(world), ...answered])
    return {
      pods: { ports, text: ruleset(ports, { serviceRange }) },
      node: { ports: [...local, ...external], text: ruleset(local, { serviceRange, external }) },
    }
  }

  function run(ids: string[], before: VirtualPort[], { ports, text }: Rules): Promise<Map<string, string>> {
    const flows = [...new Set(staleFlows(before, ports))].map(command => `${command} 2>/dev/null`)
    const script = flows.length === 0 ? 'exec nft -f -' : ['nft -f - || exit 1', ...flows, 'exit 0'].join('\n')
    return namespaces.run(ids, script, text)
  }

  async function write(ids: string[], rules: Rules): Promise<Map<string, string>> {
    const before = ids.flatMap(id => applied.get(id)?.ports ?? [])
    const failed = await run(ids, before, rules)
    // A sandbox that was torn down meanwhile is not taken up again.
    for (const id of ids) if (!failed.has(id) && applied.has(id)) applied.set(id, rules)
    return failed
  }

  /** A node whose container was made anew has lost its rules; why it has none, its Ready condition tells. */
  async function writeNode(rules: Rules): Promise<Map<string, string>> {
    const id = await nodeContainer().catch(() => undefined)
    if (id === undefined) {
      retryLater()
      return new Map()
    }
    const had = own?.id === id ? own : undefined
    if (had?.text === rules.text) return new Map()
    const failed = await run([id], had?.ports ?? [], rules)
    if (failed.size === 0) own = { ...rules, id }
    return failed
  }

  async function update() {
    dirty = false
    try {
      const world = seen()
      await checks.sync(world)
      const rules = wanted(world)
      const stale = [...applied].filter(([, had]) => had?.text !== rules.pods.text).map(([id]) => id)
      const failed = [
        ...(stale.length > 0 ? await write(stale, rules.pods) : []),
        ...(knownNodes.get({ namespace: '', name: node }) ? await writeNode(rules.node) : []),
      ]
      for (const [container, error] of failed) log.error('Cannot write service rules', { container, error })
      healthy = failed.length === 0
      if (healthy) return
    } catch (error) {
      log.error('Cannot reach the node to write service rules', { node, error })
      healthy = false
    }
    retryLater()
  }

  function retryLater() {
    retry?.[Symbol.dispose]()
    retry = clock.setTimeout(changed, retryAfter)
  }
  function changed() {
    if (dirty) return
    dirty = true
    enqueue(update).catch((error: unknown) => log.error('Service proxy failed', { error }))
  }
  /** Sets up all sandboxes that have come by the time it is their turn; returns what went wrong, by id. */
  async function welcome(): Promise<Map<string, string>> {
    const arrived = arrivals.sandboxes
    arrivals = { sandboxes: [] }
    for (const { id, ip, ports } of arrived) {
      applied.set(id, applied.get(id))
      if (ports.length > 0) holders.set(id, { ip, ports })
    }
    await synced
    const rules = wanted(seen())
    const ids = arrived.map(({ id }) => id)
    const holding = arrived.filter(({ ports }) => ports.length > 0)
    const failed = await write(ids, rules.pods)
    if (holding.length === 0 || !knownNodes.get({ namespace: '', name: node })) return failed
    for (const [, message] of await writeNode(rules.node)) for (const { id } of holding) failed.set(id, message)
    return failed
  }
  function enqueue<T>(work: () => Promise<T>): Promise<T> {
    const result = writing.then(work)
    writing = result.then(
      () => undefined,
      () => undefined,
    )
    return result
  }

  const handlers = { added: changed, updated: changed, deleted: changed }
  const nodeChanged = (now: Node, before?: Node) => {
    if (now.metadata.name === node && addressesOf(now).join() !== addressesOf(before).join()) changed()
  }
  const subscriptions = [
    known.services.on(handlers),
    known.slices.on(handlers),
    knownNodes.on({ added: nodeChanged, updated: nodeChanged }),
  ]

  return {
    async setUp({ id, ip }, ports) {
      arrivals.sandboxes.push({ id, ip, ports })
      arrivals.welcomed ??= enqueue(welcome)
      const message = (await arrivals.welcomed).get(id)
      if (message !== undefined) throw new Error(`cannot set up service rules: ${message}`)
    },
    async tearDown({ id }) {
      applied.delete(id)
      if (holders.delete(id)) changed()
    },
    recheck: changed,
    async [Symbol.asyncDispose]() {
      retry?.[Symbol.dispose]()
      for (const subscription of subscriptions) subscription[Symbol.dispose]()
      await writing
      retry?.[Symbol.dispose]()
      await checks[Symbol.asyncDispose]()
    },
  }
}

const addressesOf = (node: Node | undefined): string[] =>
  (node?.status?.addresses ?? [])
    .filter(({ type, address }) => type === 'InternalIP' && address.includes('.'))
    .map(({ address }) => address)
