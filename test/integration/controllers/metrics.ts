import { once } from 'node:events'
import type { RequestListener } from 'node:http'
import { createServer } from 'node:https'
import { connect, type AddressInfo } from 'node:net'
import type { KubeletConnector } from '../../../main/apiserver/connector.ts'
import { issueAuthority, issueCertificate } from '../../../main/apiserver/tls/issue.ts'
import { apiServices } from '../../../shared/api/apiregistration.ts'
import { pods, services, type Pod } from '../../../shared/api/core.ts'
import { endpointSlices } from '../../../shared/api/discovery.ts'
import { toTime } from '../../../shared/machinery/clock.ts'
import type { TestCluster } from './start-controllers.ts'

/** What every container of every pod uses: cores and MiB. Pods of `unknown` names are not told of. */
export interface PlayedUsage {
  cpu: number
  memory?: number
  unknown?: string
}

/** Kubelets that tell only what pods use, and since when they know: never before the pods were believed. */
export function playedMetrics() {
  let usage: PlayedUsage = { cpu: 0 }
  let cluster: TestCluster | undefined
  const unused = () => Promise.reject(new Error('not asked here'))
  const amounts = () => ({
    cpu: { time: toTime(cluster?.clock.now() ?? 0), usageNanoCores: usage.cpu * 1e9 },
    memory: { workingSetBytes: (usage.memory ?? 0) * 2 ** 20 },
  })
  const summaryOf = ({ metadata: { name, namespace, uid }, spec }: Pod) => ({
    podRef: { name, namespace, uid },
    ...amounts(),
    containers: spec.containers.map(container => ({ name: container.name, ...amounts() })),
  })
  const kubelets: KubeletConnector = {
    logs: unused,
    exec: unused,
    attach: unused,
    portForward: unused,
    api(node) {
      const all = cluster?.informers.informer(pods).list() ?? []
      const known = all.filter(({ spec, metadata }) => spec.nodeName === node && metadata.name !== usage.unknown)
      const body = [Buffer.from(JSON.stringify({ node: amounts(), pods: known.map(summaryOf) }))]
      return Promise.resolve({ status: 200, contentType: 'application/json', body })
    },
  }
  return {
    kubelets,
    of: (given: TestCluster) => void (cluster = given),
    use: (given: PlayedUsage) => void (usage = given),
  }
}

export interface Adapter extends AsyncDisposable {
  /** For the API server's options. */
  readonly dial: () => Promise<ReturnType<typeof connect>>
  /** Registers a version of an API as served by this server; resolves when it is available. */
  readonly register: (cluster: TestCluster, group: string, version: string) => Promise<void>
}

/** A metrics adapter: an extension API server behind a Service, with answers by path. */
export async function startAdapter(answers: (path: string, query: URLSearchParams) => unknown): Promise<Adapter> {
  const now = Date.now()
  const ca = await issueAuthority('adapter', now)
  const names = ['adapter.default.svc']
  const { certificate, key } = await issueCertificate({ subject: { commonName: 'x' }, usage: 'server', names, ca, now })
  const listener: RequestListener = ({ url = '' }, response) => {
    const { pathname, searchParams } = new URL(url, 'https://adapter')
    const answer = answers(pathname, searchParams)
    response.writeHead(answer === undefined ? 404 : 200, { 'content-type': 'application/json' })
    response.end(JSON.stringify(answer ?? {}))
  }
  const server = createServer({ cert: certificate, key }, listener)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    async dial() {
      const socket = connect(port, '127.0.0.1')
      await once(socket, 'connect')
      return socket
    },
    async register({ client, until }, group, version) {
      const service = { namespace: 'default', name: 'adapter' }
      await client.create(services, { metadata: service, spec: { ports: [{ port: 443 }] } }).catch(() => undefined)
      await client.create(endpointSlices, {
        metadata: { ...service, name: group, labels: { 'kubernetes.io/service-name': 'adapter' } },
        addressType: 'IPv4',
        endpoints: [{ addresses: ['10.244.200.1'], conditions: { ready: true } }],
        ports: [{ name: '', port: 8443, protocol: 'TCP' }],
      })
      const name = `${version}.${group}`
      await client.create(apiServices, {
        metadata: { name },
        spec: {
          group,
          version,
          groupPriorityMinimum: 100,
          versionPriority: 100,
          caBundle: Buffer.from(ca.certificate).toString('base64'),
          service,
        },
      })
      await until(apiServices, lister =>
        (lister.get({ namespace: '', name })?.status?.conditions ?? []).some(({ status }) => status === 'True'),
      )
    },
    async [Symbol.asyncDispose]() {
      server.close().closeAllConnections()
      await once(server, 'close')
    },
  }
}
