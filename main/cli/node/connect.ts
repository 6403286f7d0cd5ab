import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import type { Client } from '../../../shared/client/client.ts'
import { createClient } from '../../../shared/client/create-client.ts'
import type { Config } from '../../config.ts'
import { readRunning } from '../running.ts'
import { createHttpsTransport } from './https-transport.ts'

/** What of a kubeconfig that the engine wrote is needed here. */
interface Kubeconfig {
  clusters: [{ cluster: { server: string; 'certificate-authority-data': string } }]
  users: [{ user: { 'client-certificate-data': string; 'client-key-data': string } }]
}

interface Connection extends Disposable {
  client: Client
  /** What the cluster's pods run on: `docker` or `simulated`. */
  runtime: string
}

/** A client of the running engine, as its administrator. Throws an Error that says what to do if none runs. */
export function connect({ name, dataDir }: Config): Connection {
  const engine = readRunning(dataDir)
  if (!engine) throw new Error(`cluster ${name} does not run; start it with: podbay up --name ${name}`)
  if (engine.state !== 'running')
    throw new Error(`cluster ${name} is ${engine.state} (pid ${engine.pid}); try again when it runs`)
  const { clusters, users } = parse(readFileSync(engine.kubeconfig, 'utf8')) as Kubeconfig
  const [{ cluster }] = clusters
  const [{ user }] = users
  const decoded = (base64: string) => Buffer.from(base64, 'base64')
  const transport = createHttpsTransport({
    server: cluster.server,
    ca: decoded(cluster['certificate-authority-data']),
    cert: decoded(user['client-certificate-data']),
    key: decoded(user['client-key-data']),
  })
  return {
    client: createClient(transport),
    runtime: engine.runtime,
    [Symbol.dispose]: () => transport[Symbol.dispose](),
  }
}
