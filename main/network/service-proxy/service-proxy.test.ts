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
  const proxy = createServiceProxy({ ...options, nodeContainer, clock, log: silent })
  return { world, node, clock, proxy }
}

it('writes a pod its rules before setUp resolves, and again when endpoints change', async () => {
  const { world, node, clock, proxy } = start()
  await using _ = proxy
  await proxy.setUp({ id: 'a' })
  expect(node.rules.get('a')).toContain('172.18.0.4 . 8080')
  world.put(endpointSlices, slice('172.18.0.7'))
  await clock.advance(0)
  await proxy.setUp({ id: 'b' })
  expect(node.rules.get('a')).toContain('172.18.0.7 . 8080')
})

it('gathers changes while it writes and leaves alone what is current or gone', async () => {
  const { world, node, proxy } = start()
  await using _ = proxy
  await proxy.setUp({ id: 'a' })
  for (let n = 1; n <= 50; n++) world.put(endpointSlices, slice(`172.18.1.${n}`))
  await proxy.setUp({ id: 'b' }) // waits its turn
  expect(node.rules.get('a')).toContain('172.18.1.50 . 8080')
  expect(node.writes.get('a')).toBe(2)
  world.put(endpointSlices, slice('172.18.1.50'))
  await proxy.tearDown({ id: 'a' })
  world.put(endpointSlices, slice('172.18.0.9'))
  await proxy.setUp({ id: 'c' })
  expect(node.writes.get('a')).toBe(2)
  expect(node.writes.get('b')).toBe(2)
})

it('rejects with the words of nft, and tries again when a later change could not be written', async () => {
  const { world, node, clock, proxy } = start()
  await using _ = proxy
  node.broken.add('a')
  await expect(proxy.setUp({ id: 'a' })).rejects.toThrow('syntax error')
  node.broken.clear()
  await proxy.setUp({ id: 'a' })
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
  await proxy.setUp({ id: 'a' })
  expect(node.rules.get('a')).toContain('172.18.0.2 . tcp . 30080')
  expect([...node.rules.keys()]).toEqual(['a'])
  node.container = 'agent-1'
  await clock.advance(10_000)
  await proxy.setUp({ id: 'a' }) // waits its turn
  await clock.advance(0)
  expect(node.rules.get('agent-1')).toContain('172.18.0.2 . tcp . 30080 : goto external-0')
  expect(node.rules.get('agent-1')).toContain('masquerade')
  expect(node.rules.get('a')).not.toContain('prerouting')
  node.container = 'agent-2'
  world.put(nodes, aNode('172.18.0.3'))
  await clock.advance(0)
  await proxy.setUp({ id: 'b' })
  expect(node.rules.get('agent-2')).toContain('172.18.0.3 . tcp . 30080')
})
