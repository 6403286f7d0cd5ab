import { describe, expect, it } from 'vitest'
import type { Service } from '../../../../shared/api/core.ts'
import type { StrategyContext } from '../../resource.ts'
import { service } from './service.ts'

const context: StrategyContext = { now: 0, random: () => 0, user: 'jane', warn() {} }
const made = (spec: Service['spec']): Service => ({ metadata: { name: 'web', namespace: 'default', uid: 'u' }, spec })

const nodePort = made({
  type: 'NodePort',
  clusterIP: '10.96.0.5',
  clusterIPs: ['10.96.0.5'],
  ipFamilies: ['IPv4'],
  ipFamilyPolicy: 'SingleStack',
  externalTrafficPolicy: 'Cluster',
  ports: [{ port: 80, nodePort: 30080 }],
})

describe('another type', () => {
  it('gives node ports back', () => {
    const object = structuredClone(nodePort)
    object.spec.type = 'ClusterIP'
    service.prepareForUpdate?.(object, nodePort, context)
    expect(object.spec.ports).toEqual([{ port: 80 }])
    expect(object.spec).not.toHaveProperty('externalTrafficPolicy')
    expect(object.spec.clusterIP).toBe('10.96.0.5')
  })

  it('gives the address back', () => {
    const object = structuredClone(nodePort)
    Object.assign(object.spec, { type: 'ExternalName', externalName: 'example.com' })
    service.prepareForUpdate?.(object, nodePort, context)
    for (const field of ['clusterIP', 'clusterIPs', 'ipFamilies', 'ipFamilyPolicy']) {
      expect(object.spec).not.toHaveProperty(field)
    }
  })
})

describe('columns', () => {
  const row = (object: Service) =>
    Object.fromEntries(service.columns.map(column => [column.name, column.cell(object, context.now)]))

  it.each<[string, Service['spec']]>([
    ['80/TCP', { ports: [{ port: 80, protocol: 'TCP' }] }],
    ['80:30080/TCP', { type: 'NodePort', ports: [{ port: 80, nodePort: 30080, protocol: 'TCP' }] }],
    [
      '80/TCP,53/UDP',
      {
        ports: [
          { port: 80, protocol: 'TCP' },
          { port: 53, protocol: 'UDP' },
        ],
      },
    ],
    ['<none>', {}],
  ])('ports %s', (expected, spec) => {
    expect(row(made(spec))['Port(s)']).toBe(expected)
  })

  it.each<[string, Service]>([
    ['<none>', made({ type: 'ClusterIP' })],
    ['<pending>', made({ type: 'LoadBalancer' })],
    ['192.0.2.1', { ...made({ type: 'LoadBalancer' }), status: { loadBalancer: { ingress: [{ ip: '192.0.2.1' }] } } }],
    ['example.com', made({ type: 'ExternalName', externalName: 'example.com' })],
  ])('external address %s', (expected, object) => {
    expect(row(object)['External-IP']).toBe(expected)
  })
})
