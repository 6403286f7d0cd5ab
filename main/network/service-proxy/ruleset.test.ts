import { describe, expect, it } from 'vitest'
import { aService, aSlice } from '../world.fixture.ts'
import { hostPorts } from './host-ports.ts'
import { ruleset, staleFlows } from './ruleset.ts'
import { externalPorts, virtualPorts, type VirtualPort } from './virtual-ports.ts'

const node = { name: 'n1', addresses: ['172.18.0.2'] }
const web = aService('web', { clusterIP: '10.96.0.5', clusterIPs: ['10.96.0.5'] })
const backend = (address: string, port = 8080) => ({ address, port })

function backendsOf(slices: Parameters<typeof virtualPorts>[0]['slices'], service = web) {
  return virtualPorts({ services: [service], slices, node }).map(({ backends }) => backends)
}

describe('virtual ports', () => {
  it('come from the ready endpoints of the port of the same name', () => {
    const slice = aSlice('web', [
      { addresses: ['172.18.0.9'] },
      { addresses: ['172.18.0.4'], conditions: { ready: true } },
      { addresses: ['172.18.0.7'], conditions: { ready: false } },
    ])
    const other = aSlice('web', [{ addresses: ['172.18.0.8'] }], { ports: [{ name: 'metrics', port: 9090 }] })
    expect(virtualPorts({ services: [web], slices: [slice, other], node })).toEqual([
      {
        address: '10.96.0.5',
        protocol: 'tcp',
        port: 80,
        backends: [backend('172.18.0.4'), backend('172.18.0.9')],
        sticky: false,
      },
    ])
  })

  it('fall back to endpoints that terminate and still serve', () => {
    const ending = { ready: false, serving: true, terminating: true }
    const slice = aSlice('web', [
      { addresses: ['172.18.0.4'], conditions: ending },
      { addresses: ['172.18.0.5'], conditions: { ready: false, serving: false, terminating: true } },
    ])
    expect(backendsOf([slice])).toEqual([[backend('172.18.0.4')]])
    const ready = aSlice('web', [{ addresses: ['172.18.0.4'], conditions: ending }, { addresses: ['172.18.0.6'] }])
    expect(backendsOf([ready])).toEqual([[backend('172.18.0.6')]])
  })

  it('stay on the node with internalTrafficPolicy Local', () => {
    const local = aService('web', { clusterIP: '10.96.0.5', internalTrafficPolicy: 'Local' })
    const slice = aSlice('web', [
      { addresses: ['172.18.0.4'], nodeName: 'n1' },
      { addresses: ['172.18.0.5'], nodeName: 'n2' },
    ])
    expect(backendsOf([slice], local)).toEqual([[backend('172.18.0.4')]])
  })

  it('are at the addresses of the node, with node ports, and at those of others', () => {
    const exposed = aService('web', {
      type: 'NodePort',
      clusterIP: '10.96.0.5',
      externalIPs: ['192.0.2.1'],
      externalTrafficPolicy: 'Local',
      ports: [{ name: 'http', port: 80, nodePort: 30080, protocol: 'TCP' }],
    })
    exposed.status = { loadBalancer: { ingress: [{ ip: '192.0.2.2' }, { ip: '192.0.2.3', ipMode: 'Proxy' }] } }
    const slice = aSlice('web', [
      { addresses: ['172.18.0.4'], nodeName: 'n1' },
      { addresses: ['172.18.0.5'], nodeName: 'n2' },
    ])
    const world = { services: [exposed], slices: [slice], node }
    const at = (ports: VirtualPort[]) => ports.map(p => `${p.address}:${p.port} ${p.backends.length}`)
    expect(at(virtualPorts(world))).toEqual([
      '10.96.0.5:80 2',
      '172.18.0.2:30080 2',
      '192.0.2.1:80 2',
      '192.0.2.2:80 2',
    ])
    expect(at(externalPorts(world))).toEqual(['172.18.0.2:30080 1', '192.0.2.1:80 1', '192.0.2.2:80 1'])
  })

  it('at the addresses of load balancers are for the source ranges of IPv4 alone', () => {
    const balanced = aService('web', {
      type: 'LoadBalancer',
      clusterIP: '10.96.0.5',
      externalIPs: ['192.0.2.1'],
      loadBalancerSourceRanges: [' 10.0.0.0/8 ', 'fd00::/8'],
    })
    balanced.status = { loadBalancer: { ingress: [{ ip: '192.0.2.2' }] } }
    const found = externalPorts({ services: [balanced], slices: [], node })
    expect(found.map(({ address, sources }) => [address, sources])).toEqual([
      ['192.0.2.1', undefined],
      ['192.0.2.2', ['10.0.0.0/8']],
    ])
  })

  it('are served once where two Services claim the same external IP', () => {
    const twins = ['a', 'b'].map(name => aService(name, { clusterIP: 'None', externalIPs: ['192.0.2.1'] }))
    expect(externalPorts({ services: twins, slices: [], node })).toHaveLength(1)
  })

  it('are none for headless Services, external names, other address types and slices of others', () => {
    expect(virtualPorts({ services: [aService('a', { clusterIP: 'None' })], slices: [], node })).toEqual([])
    const external = aService('b', { type: 'ExternalName', externalName: 'example.org', clusterIP: '10.96.0.6' })
    expect(virtualPorts({ services: [external], slices: [], node })).toEqual([])
    const v6 = aSlice('web', [{ addresses: ['fd00::1'] }], { addressType: 'IPv6' })
    expect(backendsOf([v6, aSlice('other', [{ addresses: ['172.18.0.4'] }])])).toEqual([[]])
  })
})

const port = (change: Partial<VirtualPort> = {}): VirtualPort => ({
  address: '10.96.0.5',
  protocol: 'tcp',
  port: 80,
  backends: [backend('172.18.0.4'), backend('172.18.0.9')],
  sticky: false,
  ...change,
})

describe('ruleset', () => {
  it('sends a served port to a random backend and leaves one without backends to be refused', () => {
    const text = ruleset([port(), port({ port: 81, backends: [] })], { serviceRange: '10.96.0.0/16' })
    expect(text).toContain('10.96.0.5 . tcp . 80 : goto ports-0')
    expect(text).toContain('dnat ip to numgen random mod 2 map { 0 : 172.18.0.4 . 8080, 1 : 172.18.0.9 . 8080 }')
    expect(text).not.toContain('10.96.0.5 . tcp . 81')
    expect(text).toContain('ip daddr 10.96.0.0/16 meta l4proto tcp reject with tcp reset')
  })

  it('drops what does not come from the source ranges of a load balancer', () => {
    const at = (sources: string[]) => ruleset([port({ sources })], { serviceRange: '10.96.0.0/16' })
    expect(at(['192.0.2.0/24', '198.51.100.7/32'])).toContain('ip saddr != { 192.0.2.0/24, 198.51.100.7/32 } drop')
    expect(at([])).toMatch(/chain ports-0 {\n +drop/)
  })

  it('chooses by the client with ClientIP affinity', () => {
    expect(ruleset([port({ sticky: true })], { serviceRange: '10.96.0.0/16' })).toContain(
      'jhash ip saddr . ip daddr mod 2',
    )
  })
})

it('ends UDP flows to backends that went away, and no others', () => {
  const dns = port({ address: '10.96.0.10', protocol: 'udp', port: 53 })
  const now = [{ ...dns, backends: [backend('172.18.0.9')] }, port({ backends: [] })]
  expect(staleFlows([dns, port()], now)).toEqual([
    'conntrack -D -p udp --orig-dst 10.96.0.10 --orig-port-dst 53 --reply-src 172.18.0.4',
  ])
})

describe('host ports', () => {
  const ask = (hostIP: string) => [{ hostIP, hostPort: 80, containerPort: 8080, protocol: 'TCP' }]
  const at = (hostIP: string) => {
    const { own, external } = hostPorts([{ ip: '172.18.0.9', ports: ask(hostIP) }], ['172.18.0.2'])
    return [own, external].map(ports => ports.map(({ address }) => address))
  }

  it.each([
    ['', ['127.0.0.1', '172.18.0.2'], ['172.18.0.2']],
    ['0.0.0.0', ['127.0.0.1', '172.18.0.2'], ['172.18.0.2']],
    ['172.18.0.2', ['172.18.0.2'], ['172.18.0.2']],
    ['127.0.0.2', ['127.0.0.2'], []],
    ['8.8.8.8', [], []],
    ['::', [], []],
  ])('at %j are met where the node has that address', (hostIP, own, external) => {
    expect(at(hostIP)).toEqual([own, external])
  })
})
