import { expect, it } from 'vitest'
import { createFakeClock } from '../../../test/helpers/fake-clock.ts'
import { nodes, services } from '../../../shared/api/core.ts'
import { endpointSlices } from '../../../shared/api/discovery.ts'
import { silent } from '../../../shared/machinery/log.ts'
import { aService, aSlice, createWorld, populate } from '../world.fixture.ts'
import { createServiceProxy } from './service-proxy.ts'

const service = aService('web', { clusterIP: '10.96.0.5' })
const slice = (...addresses: string[]) =>
  aSlice(
    'web',
    addresses.map(address => ({ addresses: [address] })),
  )
const sandbox = (id: string) => ({ id, ip: '172.18.0.33' })
const turn = () => new Promise(resolve => setImmediate(resolve))

/** A node that keeps the last rules of each sandbox; `broken` sandboxes refuse theirs. */
function createNode() {
  const rules = new Map<string, string>()
  const broken = new Set<string>()
  const writes = new Map<string, number>()
  return {
    container: 'agent-1',
    rules,
    broken,
    writes,
    async run(ids: string[], _script: string, input: string) {
      for (const id of ids) writes.set(id, (writes.get(id) ?? 0) + 1)
      await turn()
      for (const id of ids) if (!broken.has(id)) rules.set(id, input)
      return new Map(ids.filter(id => broken.has(id)).map(id => [id, 'syntax error']))
    },
  }
}

function start() {
  const world = createWorld()
  populate(world, { services: [service], slices: [slice('172.18.0.4')] })
  const [node, clock] = [createNode(), createFakeClock()]
  const options = { informers: world.informers, namespaces: node, node: 'n1', serviceRange: '10.96.0.0/16' }
  const nodeContainer = async () => {
    if (node.container === '') throw new Error('no agent')
    return node.container
  }
  const engine = async () => ({ host: '127.0.0.1', ip: '127.0.0.1' })
  const proxy = createServiceProxy({ ...options, nodeContainer, engine, clock, log: silent })
  return { world, node, clock, proxy }
}

it('writes a pod its rules before setUp resolves, and again when endpoints change', async () => {
  const { world, node, clock, proxy } = start()
  await using _ = proxy
  await proxy.setUp(sandbox('a'), [])
  expect(node.rules.get('a')).toContain('172.18.0.4 . 8080')
  world.put(endpointSlices, slice('172.18.0.7'))
  await clock.advance(0)
  await proxy.setUp(sandbox('b'), [])
  expect(node.rules.get('a')).toContain('172.18.0.7 . 8080')
})

it('gathers changes while it writes and leaves alone what is current or gone', async () => {
  const { world, node, proxy } = start()
  await using _ = proxy
  await proxy.setUp(sandbox('a'), [])
  for (let n = 1; n <= 50; n++) world.put(endpointSlices, slice(`172.18.1.${n}`))
  await proxy.setUp(sandbox('b'), []) // waits its turn
  expect(node.rules.get('a')).toContain('172.18.1.50 . 8080')
  expect(node.writes.get('a')).toBe(2)
  world.put(endpointSlices, slice('172.18.1.50'))
  await proxy.tearDown({ id: 'a' })
  world.put(endpointSlices, slice('172.18.0.9'))
  await proxy.setUp(sandbox('c'), [])
  expect(node.writes.get('a')).toBe(2)
  expect(node.writes.get('b')).toBe(2)
})

it('rejects with the words of nft, and tries again when a later change could not be written', async () => {
  const { world, node, clock, proxy } = start()
  await using _ = proxy
  node.broken.add('a')
  await expect(proxy.setUp(sandbox('a'), [])).rejects.toThrow('syntax error')
  node.broken.clear()
  await proxy.setUp(sandbox('a'), [])
  node.broken.add('a')
  world.put(endpointSlices, slice('172.18.0.9'))
  await clock.advance(0)
  expect(node.rules.get('a')).toContain('172.18.0.4 . 8080')
  node.broken.clear()
  await clock.advance(10_000)
  expect(node.rules.get('a')).toContain('172.18.0.9 . 8080')
})

const aNode = (address: string) => ({
  metadata: { name: 'n1', uid: 'n1' },
  status: { addresses: [{ type: 'InternalIP', address }] },
})

it('serves node ports in the namespace of the node, and again when its container or its address is another', async () => {
  const { world, node, clock, proxy } = start()
  await using _ = proxy
  const ports = [{ name: 'http', port: 80, nodePort: 30080, protocol: 'TCP' }]
  world.put(services, aService('web', { type: 'NodePort', clusterIP: '10.96.0.5', ports }))
  node.container = ''
  world.put(nodes, aNode('172.18.0.2'))
  await proxy.setUp(sandbox('a'), [])
  expect(node.rules.get('a')).toContain('172.18.0.2 . tcp . 30080')
  expect([...node.rules.keys()]).toEqual(['a'])
  node.container = 'agent-1'
  await clock.advance(10_000)
  await proxy.setUp(sandbox('a'), []) // waits its turn
  await clock.advance(0)
  expect(node.rules.get('agent-1')).toContain('172.18.0.2 . tcp . 30080 : goto external-0')
  expect(node.rules.get('agent-1')).toContain('masquerade')
  expect(node.rules.get('a')).not.toContain('prerouting')
  node.container = 'agent-2'
  world.put(nodes, aNode('172.18.0.3'))
  await clock.advance(0)
  await proxy.setUp(sandbox('b'), [])
  expect(node.rules.get('agent-2')).toContain('172.18.0.3 . tcp . 30080')
})

it('host ports lead to their pod from the node and from outside, until it goes', async () => {
  const { world, node, proxy } = start()
  await using _ = proxy
  world.put(nodes, aNode('172.18.0.2'))
  const port = { hostIP: '0.0.0.0', hostPort: 8080, containerPort: 80, protocol: 'TCP' }
  await proxy.setUp(sandbox('a'), [port, { ...port, hostIP: '127.0.0.1', hostPort: 8081, protocol: 'UDP' }])
  const rules = node.rules.get('agent-1') ?? ''
  expect(rules.match(/\d+\S+ . \w+ . 808\d : goto \w+/g)).toEqual([
    '127.0.0.1 . tcp . 8080 : goto ports',
    '127.0.0.1 . udp . 8081 : goto ports',
    '172.18.0.2 . tcp . 8080 : goto ports',
    '172.18.0.2 . tcp . 8080 : goto external',
  ])
  expect(rules).toContain('{ 0 : 172.18.0.33 . 80 }')
  await proxy.tearDown({ id: 'a' })
  await proxy.setUp(sandbox('b'), []) // waits its turn
  expect(node.rules.get('agent-1')).not.toContain('8080 : goto')
})

it('a pod whose host ports the node does not take is told so', async () => {
  const { world, node, proxy } = start()
  await using _ = proxy
  world.put(nodes, aNode('172.18.0.2'))
  node.broken.add('agent-1')
  const port = { hostIP: '', hostPort: 8080, containerPort: 80, protocol: 'TCP' }
  await expect(proxy.setUp(sandbox('a'), [port])).rejects.toThrow('cannot set up service rules: syntax error')
})

it('a node whose container is made anew gets its rules when the proxy is told', async () => {
  const { world, node, proxy } = start()
  await using _ = proxy
  world.put(nodes, aNode('172.18.0.2'))
  await proxy.setUp(sandbox('a'), [])
  node.container = 'agent-2'
  proxy.recheck()
  await proxy.setUp(sandbox('a'), []) // waits its turn
  expect(node.rules.get('agent-2')).toContain('10.96.0.5 . tcp . 80')
})

it('answers who asks at the health check port of a Service whether the node has endpoints of it', async () => {
  const { world, node, proxy } = start()
  await using _ = proxy
  world.put(nodes, aNode('172.18.0.2'))
  const local = { type: 'LoadBalancer', externalTrafficPolicy: 'Local', healthCheckNodePort: 30500 }
  const endpoint = (address: string, nodeName: string) => ({ addresses: [address], nodeName })
  world.put(services, aService('web', { ...local, clusterIP: '10.96.0.5' }))
  world.put(endpointSlices, aSlice('web', [endpoint('172.18.0.4', 'n1'), endpoint('172.18.0.5', 'n2')]))
  await proxy.setUp(sandbox('a'), []) // waits its turn
  const port = (id: string) => / 172\.18\.0\.2 \. tcp \. 30500 : goto (\w+-\d+)/.exec(node.rules.get(id) ?? '')?.[1]
  expect(port('agent-1')).toMatch(/^ports-/)
  expect(port('a')).toBeDefined()
  const chain = `chain ${port('a')} {[^}]*0 : 127.0.0.1 . (\\d+) }`
  const url = `http://127.0.0.1:${new RegExp(chain).exec(node.rules.get('a') ?? '')?.[1]}/`
  const ask = async () => {
    const response = await fetch(url, { headers: { connection: 'close' } })
    const weight = response.headers.get('x-load-balancing-endpoint-weight')
    return { status: response.status, weight, body: await response.json() }
  }
  const body = { service: { namespace: 'default', name: 'web' }, localEndpoints: 1, serviceProxyHealthy: true }
  expect(await ask()).toEqual({ status: 200, weight: '1', body })

  const ending = { ...endpoint('172.18.0.4', 'n1'), conditions: { ready: false, serving: true, terminating: true } }
  world.put(endpointSlices, aSlice('web', [ending, endpoint('172.18.0.5', 'n2')]))
  await proxy.setUp(sandbox('b'), []) // waits its turn
  expect(await ask()).toEqual({ status: 503, weight: '0', body: { ...body, localEndpoints: 0 } })

  world.put(services, aService('web', { type: 'LoadBalancer', clusterIP: '10.96.0.5' }))
  await proxy.setUp(sandbox('b'), []) // waits its turn
  expect(port('agent-1')).toBeUndefined()
  await expect(fetch(url)).rejects.toThrow('fetch failed')
})
