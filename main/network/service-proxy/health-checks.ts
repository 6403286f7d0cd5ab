import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Service } from '../../../shared/api/core.ts'
import type { EndpointSlice } from '../../../shared/api/discovery.ts'
import type { Logger } from '../../../shared/machinery/log.ts'
import { endpointsOf, serviceOf } from '../endpoints.ts'
import type { ServiceWorld, VirtualPort } from './virtual-ports.ts'

/** Where this process listens so that pods and nodes can reach it, and as what they know that address. */
export interface EngineAddress {
  host: string
  ip: string
}

/**
 * Answers load balancers that ask a node whether it has endpoints of a Service whose traffic from outside stays on the node:
 * `spec.healthCheckNodePort` (pkg/proxy/healthcheck/service_health.go).
 */
export interface HealthChecks extends AsyncDisposable {
  /** Opens what Services ask for, closes the rest, and counts endpoints. What can't be opened is logged. */
  sync(world: ServiceWorld): Promise<void>
  /** Ports of these addresses of the node, which lead here. */
  ports(addresses: readonly string[]): VirtualPort[]
}

interface Options {
  /** Of this process; rejects while Docker can't be asked. */
  engine: () => Promise<EngineAddress>
  /** Whether the node's rules are as they should be. */
  isHealthy: () => boolean
  log: Logger
}

interface Check {
  at: EngineAddress
  port: number
  server: Server
  /** How many endpoints are on the node. */
  count: number
}

export function createHealthChecks({ engine, isHealthy, log }: Options): HealthChecks {
  /** By `namespace/name`. */
  const open = new Map<string, Check>()

  async function listen({ metadata, spec }: Service, at: EngineAddress): Promise<Check> {
    const server = createServer((_, response) => {
      const healthy = isHealthy()
      response.writeHead(check.count > 0 && healthy ? 200 : 503, {
        'content-type': 'application/json',
        'x-content-type-options': 'nosniff',
        'x-load-balancing-endpoint-weight': check.count,
      })
      const service = { namespace: metadata.namespace, name: metadata.name }
      response.end(JSON.stringify({ service, localEndpoints: check.count, serviceProxyHealthy: healthy }, null, '\t'))
    })
    const check: Check = { at, port: spec.healthCheckNodePort ?? 0, server, count: 0 }
    server.listen(0, at.host)
    await once(server, 'listening')
    return check
  }

  async function close(key: string, { server }: Check): Promise<void> {
    open.delete(key)
    server.close()
    server.closeAllConnections()
    if (server.listening) await once(server, 'close')
  }

  return {
    async sync({ services, slices, node }) {
      const wanted = new Map(services.filter(isChecked).map(service => [nameOf(service), service]))
      if (wanted.size === 0 && open.size === 0) return
      const at = await engine()
      for (const [key, check] of [...open]) {
        const port = wanted.get(key)?.spec.healthCheckNodePort
        if (port !== check.port || at.host !== check.at.host || at.ip !== check.at.ip) await close(key, check)
      }
      for (const [key, service] of wanted) {
        try {
          const check = open.get(key) ?? (await listen(service, at))
          check.count = countOn(
            node.name,
            slices.filter(slice => serviceOf(slice) === key),
          )
          open.set(key, check)
        } catch (error) {
          log.error('Cannot answer health checks of a Service', { service: key, error })
        }
      }
    },
    ports: addresses =>
      [...open.values()].flatMap(({ at, port, server }) => {
        const backends = [{ address: at.ip, port: (server.address() as AddressInfo).port }]
        return addresses.map(address => ({ address, protocol: 'tcp', port, backends, sticky: false }) as const)
      }),
    async [Symbol.asyncDispose]() {
      await Promise.all([...open].map(([key, check]) => close(key, check)))
    },
  }
}

const nameOf = ({ metadata }: Service) => `${metadata.namespace ?? ''}/${metadata.name}`

const isChecked = ({ spec }: Service): boolean =>
  spec.type === 'LoadBalancer' && spec.externalTrafficPolicy === 'Local' && (spec.healthCheckNodePort ?? 0) > 0

/** Ready ones, each once however many ports it has (LocalReadyEndpoints). */
function countOn(node: string, slices: EndpointSlice[]): number {
  const near = slices.flatMap(endpointsOf).filter(({ ready, nodeName }) => ready && nodeName === node)
  return new Set(near.map(({ address }) => address)).size
}
