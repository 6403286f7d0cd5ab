import { expect, it } from 'vitest'
import type { NodeMetrics, PodMetrics } from '../../../shared/api/metrics.ts'
import type { KubeObject } from '../../../shared/api/object.ts'
import { isNotFound } from '../../../shared/machinery/status.ts'
import type { KubeletConnector } from '../connector.ts'
import { startServer } from '../testing/start-server.ts'

interface List<T> {
  items: T[]
}

const unused = () => Promise.reject(new Error('not asked here'))
const amounts = (cores: number, mebibytes: number) => ({
  cpu: { time: '2026-01-01T00:00:00Z', usageNanoCores: cores * 1e9 },
  memory: { workingSetBytes: mebibytes * 2 ** 20 },
})
/** What the kubelet of n1 tells; n2 has none. */
let pods: object[] = []
const kubelets: KubeletConnector = {
  logs: unused,
  exec: unused,
  attach: unused,
  portForward: unused,
  async api(node, { path }) {
    if (node !== 'n1' || path !== '/stats/summary') return undefined
    const body = [Buffer.from(JSON.stringify({ node: amounts(1.5, 64), pods }))]
    return { status: 200, contentType: 'application/json', body }
  },
}

const root = '/apis/metrics.k8s.io/v1beta1'

async function start() {
  const s = await startServer({ kubelets })
  for (const name of ['n1', 'n2']) await s.send('POST', '/api/v1/nodes', { metadata: { name, labels: { name } } })
  await s.send('POST', '/api/v1/namespaces/default/serviceaccounts', { metadata: { name: 'default' } })
  const make = async (name: string) => {
    const spec = { nodeName: 'n1', containers: [{ name: 'app', image: 'nginx' }] }
    const body = { metadata: { name, labels: { app: name } }, spec }
    const made = await s.send<KubeObject>('POST', '/api/v1/namespaces/default/pods', body)
    const { namespace = '', uid } = made.metadata
    return { podRef: { name, namespace, uid }, ...amounts(0.25, 8), containers: [{ name: 'app', ...amounts(0.25, 8) }] }
  }
  const [web, waiting] = [await make('web'), await make('waiting')]
  const before = { ...web, podRef: { ...web.podRef, uid: 'of-another-life' } }
  pods = [web, { ...waiting, containers: [] }, before]
  return s
}

it('tells what the nodes use that have something to tell', async () => {
  await using s = await start()
  const { items } = await s.send<List<NodeMetrics>>('GET', `${root}/nodes`)
  expect(items).toMatchObject([
    { metadata: { name: 'n1', labels: { name: 'n1' } }, usage: { cpu: '1500000000n', memory: '65536Ki' } },
  ])
  expect(await s.send('GET', `${root}/nodes/n1`)).toMatchObject({
    kind: 'NodeMetrics',
    timestamp: '2026-01-01T00:00:00Z',
  })
  expect(isNotFound(await s.refused('GET', `${root}/nodes/n2`))).toBe(true)
})

it('tells what the containers of pods use, by namespace, label and name', async () => {
  await using s = await start()
  const of = async (path: string, query: Record<string, string> = {}) =>
    (await s.send<List<PodMetrics>>('GET', `${root}/${path}`, undefined, { query })).items
  const web = {
    metadata: { name: 'web', namespace: 'default' },
    containers: [{ name: 'app', usage: { cpu: '250000000n' } }],
  }
  expect(await of('pods')).toMatchObject([web])
  expect(await of('namespaces/default/pods', { labelSelector: 'app=web' })).toMatchObject([web])
  expect(await of('namespaces/default/pods', { labelSelector: 'app=other' })).toEqual([])
  expect(await of('namespaces/kube-system/pods')).toEqual([])
  expect(await s.send('GET', `${root}/namespaces/default/pods/web`)).toMatchObject(web)
  expect(isNotFound(await s.refused('GET', `${root}/namespaces/default/pods/waiting`))).toBe(true)
})
