import { join } from 'node:path'
import { createPostStart } from '../apiserver/discovery/post-start.ts'
import { createApiServer, type ApiServer } from '../apiserver/server.ts'
import { reconcilePolicy } from '../apiserver/authz/bootstrap/reconcile-policy.ts'
import { publishAuthentication } from '../apiserver/authn/publish-authentication.ts'
import { bootstrap, createSystemNamespaces, type ServerAddress } from '../apiserver/bootstrap.ts'
import { registerLocalApis } from '../apiserver/aggregation/register-local.ts'
import type { KubeletConnector } from '../apiserver/connector.ts'
import type { Dial } from '../apiserver/egress/dial.ts'
import type { Listener } from '../apiserver/http/listen.ts'
import { ipRange } from '../apiserver/registry/ip-range.ts'
import { frontProxyName, openAuthorities, type Authorities } from '../apiserver/tls/authorities.ts'
import { writeKubeconfig } from '../apiserver/tls/kubeconfig.ts'
import type { Config } from '../config.ts'
import { builtInResources } from '../resources/resources.ts'
import { createStore } from '../store/create-store.ts'
import { createClient } from '../../shared/client/create-client.ts'
import type { Clock } from '../../shared/machinery/clock.ts'
import type { Logger } from '../../shared/machinery/log.ts'
import { compactRegularly } from './compaction.ts'
import { publishStorageClass } from './default-storage-class.ts'
import { systemMasters } from './identities.ts'
import { publishDns } from './system-services.ts'

/** The API server over its store, listening and bootstrapped. */
export interface ControlPlane extends AsyncDisposable {
  readonly apiServer: ApiServer
  readonly authorities: Authorities
  /** `https://127.0.0.1:PORT` */
  readonly server: string
  readonly port: number
  readonly clusterIps: { kubernetes: string; dns: string }
  /** Tells the cluster where pods reach the API server and DNS: the endpoints of `kubernetes` and `kube-dns`. */
  publish(addresses: { api: ServerAddress; dns: ServerAddress }): Promise<void>
}

interface Options {
  config: Config
  kubelets: KubeletConnector
  dial: Dial
  clock: Clock
  log: Logger
}

export async function createControlPlane({ config, kubelets, dial, clock, log }: Options): Promise<ControlPlane> {
  const { dataDir, clusterDomain, serviceClusterIpRange } = config
  await using opening = new AsyncDisposableStack()
  const range = ipRange(serviceClusterIpRange)
  const names = [range.first, `kubernetes.default.svc.${clusterDomain}`]
  // Each waits for threads of its own, so they do it together.
  const [store, authorities] = await Promise.all([
    createStore({ directory: dataDir, log, clock }).then(store => opening.use(store)),
    openAuthorities({ directory: join(dataDir, 'pki'), names, now: clock.now() }),
  ])
  opening.use(compactRegularly({ store, clock, log }))
  const [from = 0, to = 0] = config.serviceNodePortRange.split('-').map(Number)
  const postStart = createPostStart()
  const apiServer = opening.use(
    createApiServer({
      store,
      resources: builtInResources,
      authorities,
      kubelets,
      dial,
      serviceCidr: serviceClusterIpRange,
      nodePortRange: { from, to },
      clock,
      random: Math.random,
      log,
      health: postStart.checks,
    }),
  )
  const transport = apiServer.transport(systemMasters('system:apiserver'))
  // The tenth address is upstream's convention (kubeadm constants.go, GetDNSIP).
  const clusterIps = { kubernetes: range.first, dns: range.at(9) }
  const client = createClient(transport)
  await postStart.run('namespaces', createSystemNamespaces(transport))
  // Together, so that what they write shares a few commits.
  await Promise.all([
    postStart.run(
      'objects',
      bootstrap({ transport, serviceIp: clusterIps.kubernetes, serviceCidr: serviceClusterIpRange }),
    ),
    postStart.run('policy', reconcilePolicy(transport)),
    postStart.run(
      'apis',
      registerLocalApis({ store, resources: builtInResources, transport, log }).then(watch => opening.use(watch)),
    ),
    postStart.run(
      'authentication',
      publishAuthentication(transport, {
        'client-ca-file': authorities.ca.certificate,
        'requestheader-client-ca-file': authorities.frontProxy.ca,
        'requestheader-allowed-names': JSON.stringify([frontProxyName]),
        'requestheader-username-headers': JSON.stringify(['X-Remote-User']),
        'requestheader-uid-headers': JSON.stringify(['X-Remote-Uid']),
        'requestheader-group-headers': JSON.stringify(['X-Remote-Group']),
        'requestheader-extra-headers-prefix': JSON.stringify(['X-Remote-Extra-']),
      }),
    ),
    publishDns(client, clusterIps.dns),
    publishStorageClass(client),
    postStart.run('definitions', apiServer.ready),
  ])
  const { port } = await listenFree(apiServer, config)
  const server = `https://127.0.0.1:${port}`
  await writeKubeconfig({ file: config.kubeconfig, server, cluster: config.name, authorities })
  const owned = opening.move()
  return {
    apiServer,
    authorities,
    server,
    port,
    clusterIps,
    async publish({ api, dns }) {
      await bootstrap({ transport, serviceIp: clusterIps.kubernetes, addresses: [api] })
      await publishDns(client, clusterIps.dns, dns)
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

/** Ports to try when the usual one is taken and none was asked for. */
const tries = 20

/** Listens on the port asked for, or the next free one from 6443. Fails with an Error that names the port. */
async function listenFree(apiServer: ApiServer, { securePort, securePortAsked }: Config): Promise<Listener> {
  for (let port = securePort; ; port++) {
    try {
      return await apiServer.listen({ host: '127.0.0.1', port })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
      if (!securePortAsked && port < securePort + tries) continue
      const why = `--secure-port: port ${port} is taken by another program`
      throw new Error(`${why}; choose another, or 0 for any free one`, { cause: error })
    }
  }
}
