import { leases } from '../../../shared/api/coordination.ts'
import { nodes } from '../../../shared/api/core.ts'
import type { Node } from '../../../shared/api/core.ts'
import type { Client } from '../../../shared/client/client.ts'
import type { EventRecorder } from '../../../shared/client/recorder.ts'
import type { Clock } from '../../../shared/machinery/clock.ts'
import { toMicroTime } from '../../../shared/machinery/clock.ts'
import type { Logger } from '../../../shared/machinery/log.ts'
import { isAlreadyExists, isNotFound } from '../../../shared/machinery/status.ts'
import { abortable } from '../abortable.ts'
import { nodeStatus, nodeStatusChanged, readiness, type NodeStatus } from './node-status.ts'
import type { Runtime, RuntimeInfo } from '../runtime.ts'
import type { KubeletSettings } from '../settings.ts'

/** Until the node is registered nothing can run on it: try again soon. */
const firstRetry = 1000

/** Keeps a Node object and its Lease: the node's presence in the cluster. */
export interface NodeRegistration extends AsyncDisposable {
  /** Resolves when the node was registered for the first time. */
  readonly registered: Promise<void>
  /** The engine as last seen; undefined before it was reached. */
  readonly info: RuntimeInfo | undefined
  /** Asks the engine again and reports what changed: called when it went away or came back. */
  check(): void
}

interface Parts {
  nodeName: string
  client: Client
  runtime: Runtime
  recorder: EventRecorder
  clock: Clock
  log: Logger
  settings: KubeletSettings
  /** The conditions of the node that are bad. */
  pressure?: () => ReadonlySet<string>
}

export function registerNode({
  nodeName,
  client,
  runtime,
  recorder,
  clock,
  log,
  settings,
  pressure,
}: Parts): NodeRegistration {
  const key = { namespace: '', name: nodeName }
  const { nodeLeaseDurationSeconds: leaseSeconds, nodeStatusReportFrequency: report } = settings.configuration
  /** Upstream renews a Lease at a quarter of its duration. */
  const renewal = settings.leaseRenewal ?? leaseSeconds * 250
  const registered = Promise.withResolvers<undefined>()
  let info: RuntimeInfo | undefined
  let reported = -Infinity
  /** Whether the Node has the labels that every node has: seen to once, as soon as the engine tells its architecture. */
  let labelled = false
  let asked = true
  let running: Promise<void> | undefined
  let timer: Disposable | undefined
  const stop = new AbortController()

  const defaultLabels = () => ({
    'beta.kubernetes.io/arch': goArch(info),
    'beta.kubernetes.io/os': 'linux',
    'kubernetes.io/arch': goArch(info),
    'kubernetes.io/hostname': nodeName,
    'kubernetes.io/os': 'linux',
  })

  /** The Node, created if this kubelet has not registered it yet; one that was deleted since then stays deleted, as upstream. */
  async function existing(): Promise<Node | undefined> {
    try {
      const node = await client.get(nodes, key)
      return labelled ? node : await label(node)
    } catch (e) {
      if (!isNotFound(e)) throw e
    }
    if (reported !== -Infinity || settings.registerNode === false) return undefined
    const labels = { ...defaultLabels(), ...settings.labels }
    return client.create(nodes, { apiVersion: 'v1', kind: 'Node', metadata: { name: nodeName, labels }, spec: {} })
  }

  /** A Node that others made gets the labels that every node has (kubelet_node_status.go updateDefaultLabels). */
  async function label(node: Node): Promise<Node> {
    if (!info) return node
    const labels = defaultLabels()
    const differs = Object.entries(labels).some(([name, value]) => node.metadata.labels?.[name] !== value)
    const body = { metadata: { labels } }
    const given = differs ? await client.patch(nodes, key, { type: 'application/merge-patch+json', body }) : node
    labelled = true
    return given
  }

  async function reportStatus(): Promise<void> {
    let error: string | undefined
    try {
      info = await abortable(runtime.info(), stop.signal)
    } catch (e) {
      stop.signal.throwIfAborted()
      error = e instanceof Error ? e.message : String(e)
      // An engine that was slow to answer does not tell when it has recovered.
      asked = true
    }
    const node = await existing()
    if (!node) return
    const now = clock.now()
    const old = node.status ?? {}
    const status = nodeStatus({
      old,
      settings,
      uid: node.metadata.uid,
      now,
      ...(info && { info }),
      ...(error !== undefined && { error }),
      ...(pressure && { pressure: pressure() }),
    })
    if (nodeStatusChanged(old, status) || now - reported >= report) {
      await client.patch(nodes, key, {
        type: 'application/strategic-merge-patch+json',
        body: { status: replacing(status, old) },
        subresource: 'status',
      })
      reported = now
    }
    const before = readiness(old)
    const ready = error === undefined
    if (before !== (ready ? 'True' : 'False')) {
      const reason = ready ? 'NodeReady' : 'NodeNotReady'
      recorder.event(node, 'Normal', reason, `Node ${nodeName} status is now: ${reason}`)
    }
    registered.resolve(undefined)
  }

  async function renewLease(): Promise<void> {
    const lease = { namespace: 'kube-node-lease', name: nodeName }
    const spec = { holderIdentity: nodeName, leaseDurationSeconds: leaseSeconds, renewTime: toMicroTime(clock.now()) }
    try {
      await client.patch(leases, lease, { type: 'application/merge-patch+json', body: { spec } })
    } catch (e) {
      if (!isNotFound(e)) throw e
      const node = await existing()
      if (!node) return
      const ownerReferences = [{ apiVersion: 'v1', kind: 'Node', name: nodeName, uid: node.metadata.uid }]
      await client
        .create(leases, {
          apiVersion: 'coordination.k8s.io/v1',
          kind: 'Lease',
          metadata: { ...lease, ownerReferences },
          spec,
        })
        .catch((created: unknown) => {
          if (!isAlreadyExists(created)) throw created
        })
    }
  }

  async function tick(): Promise<void> {
    try {
      if (asked || clock.now() - reported >= report) {
        asked = false
        await reportStatus()
      }
      await renewLease()
    } catch (error) {
      if (stop.signal.aborted) return
      asked = true
      log.error('The node could not be reported', { node: nodeName, error })
    }
  }

  function run() {
    if (stop.signal.aborted || running) return
    timer?.[Symbol.dispose]()
    running = tick().finally(() => {
      running = undefined
      if (stop.signal.aborted) return
      timer = clock.setTimeout(run, asked && reported === -Infinity ? firstRetry : renewal)
    })
  }

  run()
  return {
    registered: registered.promise,
    get info() {
      return info
    },
    check() {
      asked = true
      if (running) void running.then(run)
      else run()
    },
    async [Symbol.asyncDispose]() {
      stop.abort()
      timer?.[Symbol.dispose]()
      await running
    },
  }
}

/**
 * A patch after which nothing of the old status is left that must not stay: addresses, which merge by type upstream and are
 * one of each kind here, and resources that the node has no more.
 */
function replacing(status: NodeStatus, old: NodeStatus): object {
  const { addresses = [], allocatable = {}, ...rest } = status
  const removed = Object.keys(old.allocatable ?? {}).filter(resource => !Object.hasOwn(allocatable, resource))
  return {
    ...rest,
    allocatable: { ...allocatable, ...Object.fromEntries(removed.map(resource => [resource, null])) },
    addresses: old.addresses?.length ? [...addresses, { $patch: 'replace' }] : addresses,
  }
}

/** Engines speak of architectures as the kernel does, Kubernetes as Go does. */
function goArch(info: RuntimeInfo | undefined): string {
  const names: Record<string, string> = { x86_64: 'amd64', x64: 'amd64', aarch64: 'arm64', armv7l: 'arm' }
  const given = info?.architecture ?? process.arch
  return names[given] ?? given
}
