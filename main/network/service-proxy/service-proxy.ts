import { services } from '../../../shared/api/core.ts'
import { endpointSlices } from '../../../shared/api/discovery.ts'
import type { Informers } from '../../../shared/client/informer.ts'
import type { Clock } from '../../../shared/machinery/clock.ts'
import type { Logger } from '../../../shared/machinery/log.ts'
import { ruleset, staleFlows } from './ruleset.ts'
import { virtualPorts, type VirtualPort } from './virtual-ports.ts'

/** What the proxy needs of a node: running a script in pods' network namespaces. The node agent can. */
interface NetworkNamespaces {
  /** Gives `input` to the script on stdin in each; returns what went wrong, by sandbox id. Those gone are no failure. */
  run(sandboxIds: string[], script: string, input: string): Promise<Map<string, string>>
}

/** Makes Services reachable in the pods of one node. Its shape is the kubelet's PodNetwork. */
export interface ServiceProxy extends AsyncDisposable {
  /** Resolves when the pod's rules are in place; rejects with nft's words. Also called for pods found after a restart. */
  setUp(sandbox: { id: string }): Promise<void>
  /** The rules vanish with the namespace; only the bookkeeping is left to do. */
  tearDown(sandbox: { id: string }): Promise<void>
}

interface ServiceProxyOptions {
  informers: Informers
  namespaces: NetworkNamespaces
  node: string
  /** `10.96.0.0/16` */
  serviceRange: string
  clock: Clock
  log: Logger
}

const retryAfter = 5_000

/** Changes are gathered while rules are being written: however many there are, the next round writes the newest. */
export function createServiceProxy(options: ServiceProxyOptions): ServiceProxy {
  const { informers, namespaces, node, serviceRange, clock, log } = options
  const [knownServices, knownSlices] = [informers.informer(services), informers.informer(endpointSlices)]
  /** What each sandbox's rules were made from, as values and as text; undefined until they are there. */
  const applied = new Map<string, { ports: VirtualPort[]; text: string } | undefined>()
  let retry: Disposable | undefined
  let dirty = false
  let writing: Promise<void> = Promise.resolve()

  function wanted(): VirtualPort[] {
    return virtualPorts({ services: knownServices.list(), slices: knownSlices.list(), node })
  }

  async function write(ids: string[], ports: VirtualPort[]): Promise<Map<string, string>> {
    const before = ids.flatMap(id => applied.get(id)?.ports ?? [])
    const flows = [...new Set(staleFlows(before, ports))].map(command => `${command} 2>/dev/null`)
    const failed = await namespaces.run(
      ids,
      ['nft -f - || exit 1', ...flows, 'exit 0'].join('\n'),
      ruleset(ports, { serviceRange }),
    )
    const now = { ports, text: JSON.stringify(ports) }
    // A sandbox that was torn down meanwhile is not taken up again.
    for (const id of ids) if (!failed.has(id) && applied.has(id)) applied.set(id, now)
    return failed
  }

  async function update() {
    dirty = false
    const ports = wanted()
    const text = JSON.stringify(ports)
    const stale = [...applied].filter(([, had]) => had?.text !== text).map(([id]) => id)
    if (stale.length === 0) return
    try {
      const failed = await write(stale, ports)
      for (const [sandbox, error] of failed) log.error('Cannot write service rules', { sandbox, error })
      if (failed.size === 0) return
    } catch (error) {
      log.error('Cannot reach the node to write service rules', { node, error })
    }
    retry?.[Symbol.dispose]()
    retry = clock.setTimeout(changed, retryAfter)
  }

  function changed() {
    if (dirty) return
    dirty = true
    enqueue(update).catch((error: unknown) => log.error('Service proxy failed', { error }))
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
  const subscriptions = [knownServices.on(handlers), knownSlices.on(handlers)]

  return {
    setUp: ({ id }) =>
      enqueue(async () => {
        applied.set(id, applied.get(id))
        await Promise.all([knownServices.synced, knownSlices.synced])
        const message = (await write([id], wanted())).get(id)
        if (message !== undefined) throw new Error(`cannot set up service rules: ${message}`)
      }),
    async tearDown({ id }) {
      applied.delete(id)
    },
    async [Symbol.asyncDispose]() {
      retry?.[Symbol.dispose]()
      for (const subscription of subscriptions) subscription[Symbol.dispose]()
      await writing
      retry?.[Symbol.dispose]()
    },
  }
}
