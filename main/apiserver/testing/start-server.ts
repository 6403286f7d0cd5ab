import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ApiRequest, ApiTransport } from '../../../shared/client/client.ts'
import { systemClock } from '../../../shared/machinery/clock.ts'
import { silent } from '../../../shared/machinery/log.ts'
import { serviceUnavailable, StatusError } from '../../../shared/machinery/status.ts'
import { builtInResources } from '../../resources/resources.ts'
import { createStore } from '../../store/create-store.ts'
import type { Store } from '../../store/store.ts'
import { bootstrap, createSystemNamespaces } from '../bootstrap.ts'
import type { KubeletConnector } from '../connector.ts'
import { createApiServer, type ApiServer, type ApiServerOptions } from '../server.ts'
import { openAuthorities, type Authorities } from '../tls/authorities.ts'

/** A real server over a real store in a directory of its own, for tests. */
export interface TestServer extends AsyncDisposable {
  readonly server: ApiServer
  readonly store: Store
  readonly authorities: Authorities
  /** In process, as an administrator. */
  readonly admin: ApiTransport
  /** Sends as an administrator: the answer, whatever its type. */
  send<T>(method: ApiRequest['method'], path: string, body?: unknown, options?: Partial<ApiRequest>): Promise<T>
  /** The StatusError that a request is refused with. */
  refused(
    method: ApiRequest['method'],
    path: string,
    body?: unknown,
    options?: Partial<ApiRequest>,
  ): Promise<StatusError>
}

let shared: Promise<Authorities> | undefined

/** Certificates are costly to make: all servers of a test file have the same. */
function authoritiesForTests(): Promise<Authorities> {
  shared ??= (async () => {
    const directory = await mkdtemp(join(tmpdir(), 'podbay-pki-'))
    try {
      return await openAuthorities({ directory, names: ['10.96.0.1'], now: Date.now() })
    } finally {
      await rm(directory, { recursive: true })
    }
  })()
  return shared
}

const noKubelets: KubeletConnector = {
  logs: () => Promise.reject(serviceUnavailable('no kubelet here')),
  exec: () => Promise.reject(serviceUnavailable('no kubelet here')),
  attach: () => Promise.reject(serviceUnavailable('no kubelet here')),
  portForward: () => Promise.reject(serviceUnavailable('no kubelet here')),
}

export async function startServer(options: Partial<ApiServerOptions> = {}): Promise<TestServer> {
  await using opening = new AsyncDisposableStack()
  const directory = await mkdtemp(join(tmpdir(), 'podbay-apiserver-'))
  opening.defer(() => rm(directory, { recursive: true }))
  const store = opening.use(await createStore({ directory, log: silent, clock: systemClock }))
  const authorities = await authoritiesForTests()
  const server = opening.use(
    createApiServer({
      store,
      resources: builtInResources,
      authorities,
      kubelets: noKubelets,
      dial: () => Promise.reject(new Error('no pods here')),
      serviceCidr: '10.96.0.0/24',
      nodePortRange: { from: 30000, to: 30099 },
      clock: systemClock,
      random: Math.random,
      log: silent,
      ...options,
    }),
  )
  await server.ready
  const admin = server.transport({ name: 'admin', groups: ['system:masters', 'system:authenticated'] }, 'test')
  await createSystemNamespaces(admin)
  await bootstrap({ transport: admin, serviceIp: '10.96.0.1', addresses: [{ ip: '172.30.0.1', port: 6443 }] })
  const send: TestServer['send'] = (method, path, body, given) => admin.request({ method, path, body, ...given })
  const owned = opening.move()
  return {
    server,
    store,
    authorities,
    admin,
    send,
    async refused(...request) {
      try {
        await send(...request)
      } catch (error) {
        if (error instanceof StatusError) return error
        throw error
      }
      throw new Error(`${request[0]} ${request[1]} was not refused`)
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}
