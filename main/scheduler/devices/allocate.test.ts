import { expect, test } from 'vitest'
import type { DeviceClass, ResourceClaim, ResourceSlice } from '../../../shared/api/resource.ts'
import { testNode } from '../testing/test-cluster.ts'
import { allocate } from './allocate.ts'
import type { Device } from './device-selector.ts'

const driver = 'gpu.example.com'
const node = testNode('a', { labels: { rack: 'r1' } })
type Spec = NonNullable<ResourceClaim['spec']['devices']>
type Exactly = Partial<NonNullable<NonNullable<Spec['requests']>[number]['exactly']>>

const gpu = (name: string, model: string, more: Partial<Device> = {}): Device => ({
  name,
  attributes: { model: { string: model }, 'dra.example.com/slot': { int: Number(name.slice(1)) } },
  capacity: { memory: { value: model === 'big' ? '80Gi' : '16Gi' } },
  ...more,
})

function slice(devices: Device[], more: Partial<ResourceSlice['spec']> = {}, name = 's'): ResourceSlice {
  const pool = { name: 'a', generation: 1, resourceSliceCount: 1 }
  return { metadata: { name, uid: name }, spec: { driver, pool, nodeName: 'a', devices, ...more } }
}

function claim(devices: Spec, name = 'c'): ResourceClaim {
  return { metadata: { name, namespace: 'default', uid: name }, spec: { devices } }
}

const request = (name: string, exactly: Exactly = {}) => ({
  name,
  exactly: { deviceClassName: 'gpu', allocationMode: 'ExactCount', count: 1, ...exactly },
})
const cel = (expression: string) => [{ cel: { expression } }]

const gpus: DeviceClass = {
  metadata: { name: 'gpu', uid: 'gpu' },
  spec: {
    selectors: cel(`device.driver == "${driver}"`),
    config: [{ opaque: { driver, parameters: { of: 'class' } } }],
  },
}

const allocated = (claims: ResourceClaim[], slices: ResourceSlice[], taken: string[] = []) =>
  allocate({ claims, node, slices, classOf: name => (name === 'gpu' ? gpus : undefined), taken: new Set(taken) })

const names = (claims: ResourceClaim[], slices: ResourceSlice[], taken: string[] = []) =>
  allocated(claims, slices, taken)?.map(each => each.devices?.results?.map(({ device }) => device))

const three = slice([gpu('g0', 'small'), gpu('g1', 'big'), gpu('g2', 'big')])

test('selectors of class and request are asked of attributes, capacities and the driver', () => {
  const wanting = (expression: string) =>
    names([claim({ requests: [request('r', { selectors: cel(expression) })] })], [three])
  expect(wanting(`device.attributes["${driver}"].model == "big"`)).toEqual([['g1']])
  expect(wanting('device.attributes["dra.example.com"].slot > 1')).toEqual([['g2']])
  expect(wanting(`device.capacity["${driver}"].memory.isGreaterThan(quantity("40Gi"))`)).toEqual([['g1']])
  expect(wanting('device.driver == "other.example.com"')).toBeUndefined()
  expect(wanting('"model" in device.attributes["nobody.example.com"]')).toBeUndefined()
  expect(() => wanting('device.attributes["nobody.example.com"].model == "x"')).toThrow(
    'CEL runtime error: no such key',
  )
})

test('several devices, all of them, or the first that is to be had', () => {
  expect(names([claim({ requests: [request('r', { count: 2 })] })], [three])).toEqual([['g0', 'g1']])
  expect(names([claim({ requests: [request('r', { count: 4 })] })], [three])).toBeUndefined()
  const all = claim({ requests: [request('r', { allocationMode: 'All' })] })
  expect(names([all], [three])).toEqual([['g0', 'g1', 'g2']])
  expect(names([all], [three], [`${driver}/a/g1`])).toBeUndefined()
  const exactly = { deviceClassName: 'gpu', allocationMode: 'ExactCount' }
  const firstAvailable = [
    { ...exactly, name: 'four', count: 4 },
    { ...exactly, name: 'two', count: 2 },
  ]
  const [first] = allocated([claim({ requests: [{ name: 'r', firstAvailable }] })], [three]) ?? []
  expect(first?.devices?.results?.map(each => each.request)).toEqual(['r/two', 'r/two'])
})

test('a device is given once, also within one pod; administrators look on', () => {
  const two = [claim({ requests: [request('r')] }, 'c1'), claim({ requests: [request('r', { count: 2 })] }, 'c2')]
  expect(names(two, [three])).toEqual([['g0'], ['g1', 'g2']])
  expect(names(two, [three], [`${driver}/a/g0`])).toBeUndefined()
  const admin = claim({ requests: [request('r', { adminAccess: true, allocationMode: 'All' })] })
  expect(names([admin], [three], [`${driver}/a/g0`])).toEqual([['g0', 'g1', 'g2']])
})

test('goes back where a constraint on attributes can’t be met by the first devices', () => {
  const requests = [request('x'), request('y')]
  const same = claim({ requests, constraints: [{ matchAttribute: `${driver}/model` }] })
  expect(names([same], [three])).toEqual([['g1', 'g2']])
  const different = claim({ requests, constraints: [{ distinctAttribute: `${driver}/model`, requests: ['x', 'y'] }] })
  expect(names([different], [three])).toEqual([['g0', 'g1']])
  const lacking = claim({ requests, constraints: [{ matchAttribute: 'dra.example.com/none' }] })
  expect(names([lacking], [three])).toBeUndefined()
})

test('only the newest and complete generation of a pool that the node reaches counts, without untolerated taints', () => {
  const one = claim({ requests: [request('r')] })
  const pool = { name: 'a', generation: 2, resourceSliceCount: 1 }
  expect(names([one], [three, slice([gpu('g9', 'big')], { pool }, 't')])).toEqual([['g9']])
  const half = { ...pool, resourceSliceCount: 2 }
  expect(names([one], [slice([gpu('g9', 'big')], { pool: half })])).toBeUndefined()
  expect(names([one], [slice([gpu('g9', 'big')], { nodeName: 'b' })])).toBeUndefined()
  const tainted = slice([gpu('g9', 'big', { taints: [{ key: 'broken', effect: 'NoSchedule' }] })])
  expect(names([one], [tainted])).toBeUndefined()
  const tolerant = claim({ requests: [request('r', { tolerations: [{ key: 'broken', operator: 'Exists' }] })] })
  expect(names([tolerant], [tainted])).toEqual([['g9']])
})

test('the result tells the configuration, and the nodes that reach the devices', () => {
  const config = [{ opaque: { driver, parameters: { of: 'claim' } } }]
  const [result] = allocated([claim({ requests: [request('r')], config })], [three]) ?? []
  expect(result?.devices?.config).toEqual([
    { source: 'FromClass', requests: ['r'], opaque: { driver, parameters: { of: 'class' } } },
    { source: 'FromClaim', opaque: { driver, parameters: { of: 'claim' } } },
  ])
  expect(result?.nodeSelector?.nodeSelectorTerms).toEqual([
    { matchFields: [{ key: 'metadata.name', operator: 'In', values: ['a'] }] },
  ])
  const matchExpressions = [{ key: 'rack', operator: 'In', values: ['r1'] }]
  const { nodeName: _, ...spec } = slice([gpu('g0', 'big')]).spec
  const network = { ...three, spec: { ...spec, nodeSelector: { nodeSelectorTerms: [{ matchExpressions }] } } }
  const [far] = allocated([claim({ requests: [request('r')] })], [network]) ?? []
  expect(far?.nodeSelector).toEqual({ nodeSelectorTerms: [{ matchExpressions, matchFields: [] }] })
  const everywhere = { ...three, spec: { ...spec, allNodes: true } }
  expect(allocated([claim({ requests: [request('r')] })], [everywhere])?.[0]).not.toHaveProperty('nodeSelector')
})
