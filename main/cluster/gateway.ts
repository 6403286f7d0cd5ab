import type { Listener } from '../apiserver/http/listen.ts'
import type { Dns } from '../network/dns/dns.ts'
import type { NodeAgent } from '../kubelet/docker/agent/agent.ts'
import type { ClusterNetwork } from '../kubelet/docker/network.ts'
import { singly } from '../kubelet/docker/singly.ts'
import type { Runtime } from '../kubelet/runtime.ts'
import type { Clock } from '../../shared/machinery/clock.ts'
import type { Logger } from '../../shared/machinery/log.ts'
import type { ControlPlane } from './control-plane.ts'
import { engineAddress } from './engine-address.ts'

interface Options {
  plane: ControlPlane
  dns: Dns
  network: () => Promise<ClusterNetwork>
  agent: NodeAgent
  runtime: Runtime
  clock: Clock
  log: Logger
}

const retryAfter = 5_000

/**
 * Where pods reach the API server and DNS. Opened as soon as Docker answers, and again where the bridge has got another
 * address; the addresses are published as endpoints, so pods that are already there follow.
 */
export function createGateway({ plane, dns, network, agent, runtime, clock, log }: Options): AsyncDisposable {
  let open = new AsyncDisposableStack()
  let openedAt = ''
  let retry: Disposable | undefined
  let stopped = false

  async function start() {
    await using made = new AsyncDisposableStack()
    const found = await network()
    const { gateway } = found
    if (gateway === openedAt) return
    const { host, ip, local } = await engineAddress(found, agent)
    const resolver = made.use(await dns.listen(host))
    const listener = local ? await listenBeside(plane, host) : undefined
    if (listener) made.defer(() => listener.close())
    const apiPort = listener?.port ?? plane.port
    await plane.publish({ api: { ip, port: apiPort }, dns: { ip, port: resolver.port } })
    const before = open
    open = made.move()
    openedAt = gateway
    await before.disposeAsync()
    log.info('Pods can reach the engine', { ip, apiPort, dnsPort: resolver.port })
  }
  const attempt = singly(async () => {
    if (stopped) return
    try {
      await start()
    } catch (error) {
      log.error('Pods cannot reach the engine yet', { error })
      retry?.[Symbol.dispose]()
      retry = clock.setTimeout(() => void attempt(), retryAfter)
    }
  })
  const events = runtime.subscribe(event => {
    if (event.type === 'resync') void attempt()
  })
  runtime.info().then(attempt, () => undefined)

  return {
    async [Symbol.asyncDispose]() {
      stopped = true
      events[Symbol.dispose]()
      // What is under way, if anything.
      await attempt()
      retry?.[Symbol.dispose]()
      await open.disposeAsync()
    },
  }
}

/** On the same port as on loopback if it is free there: easier to recognise. */
async function listenBeside({ apiServer, port }: ControlPlane, host: string): Promise<Listener> {
  try {
    return await apiServer.listen({ host, port })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
    return apiServer.listen({ host, port: 0 })
  }
}
