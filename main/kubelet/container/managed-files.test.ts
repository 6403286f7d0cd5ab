import { describe, expect, it } from 'vitest'
import type { PodSpec } from '../../../shared/api/core.ts'
import { podDns, resolvConf } from './dns.ts'
import { hostsFile, sandboxHostname } from './hosts-file.ts'
import { aPod } from '../pod/pod.fixture.ts'

const cluster = {
  clusterDNS: '10.96.0.10',
  clusterDomain: 'cluster.local',
  hostDns: { nameservers: ['192.168.0.1'], searches: ['lan'], options: ['timeout:1'] },
}

it.each([
  [
    {},
    'search default.svc.cluster.local svc.cluster.local cluster.local lan\nnameserver 10.96.0.10\noptions ndots:5\n',
  ],
  [{ dnsPolicy: 'Default' }, 'search lan\nnameserver 192.168.0.1\noptions timeout:1\n'],
  [{ hostNetwork: true, dnsPolicy: 'ClusterFirst' }, 'search lan\nnameserver 192.168.0.1\noptions timeout:1\n'],
  [
    {
      dnsPolicy: 'None',
      dnsConfig: {
        nameservers: ['1.1.1.1'],
        searches: ['a.b'],
        options: [{ name: 'ndots', value: '2' }, { name: 'edns0' }],
      },
    },
    'search a.b\nnameserver 1.1.1.1\noptions ndots:2 edns0\n',
  ],
  [
    { dnsConfig: { nameservers: ['10.96.0.10', '8.8.8.8'], options: [{ name: 'ndots', value: '1' }] } },
    'search default.svc.cluster.local svc.cluster.local cluster.local lan\nnameserver 10.96.0.10\nnameserver 8.8.8.8\noptions ndots:1\n',
  ],
])('resolv.conf of %j', (spec, text) => {
  expect(resolvConf(podDns(aPod(spec), cluster))).toBe(text)
})

it('hosts names the pod, its subdomain and its aliases', () => {
  const pod = aPod({ subdomain: 'db', hostAliases: [{ ip: '1.2.3.4', hostnames: ['foo', 'bar'] }] })
  expect(hostsFile(pod, { ip: '10.1.0.2', clusterDomain: 'cluster.local' })).toBe(
    [
      '# Kubernetes-managed hosts file.',
      '127.0.0.1\tlocalhost',
      '::1\tlocalhost ip6-localhost ip6-loopback',
      'fe00::0\tip6-localnet',
      'fe00::0\tip6-mcastprefix',
      'fe00::1\tip6-allnodes',
      'fe00::2\tip6-allrouters',
      '10.1.0.2\tweb.db.default.svc.cluster.local\tweb',
      '',
      '# Entries added by HostAliases.',
      '1.2.3.4\tfoo\tbar',
      '',
    ].join('\n'),
  )
})

it('tells of what of a resolv.conf was too much', () => {
  const searches = Array.from({ length: 33 }, (_, i) => `s${i}.example`)
  const dnsConfig = { nameservers: ['1.1.1.1', '1.1.1.2', '1.1.1.3', '1.1.1.4'], searches }
  const { omissions, ...kept } = podDns(aPod({ dnsPolicy: 'None', dnsConfig }), cluster)
  expect(kept.searches).toHaveLength(32)
  expect(omissions).toEqual([
    'Nameserver limits were exceeded, some nameservers have been omitted, the applied nameserver line is: 1.1.1.1 1.1.1.2 1.1.1.3',
    `Search Line limits were exceeded, some search paths have been omitted, the applied search line is: ${kept.searches.join(' ')}`,
  ])
  const long = Array.from({ length: 9 }, (_, i) => `${i}${'.a'.repeat(125)}`)
  const cut = podDns(aPod({ dnsPolicy: 'None', dnsConfig: { searches: ['b'.repeat(254), ...long] } }), cluster)
  expect(cut.searches).toEqual(long.slice(0, 8))
})

describe('host names', () => {
  const hostname = (spec: Partial<PodSpec>, name = 'web') =>
    sandboxHostname(aPod(spec, { metadata: { name, namespace: 'default', uid: 'u' } }), 'cluster.local')

  it('are cut to what a kernel takes', () => {
    expect(hostname({}, `${'a'.repeat(62)}-b`)).toBe('a'.repeat(62))
  })

  it('have their domain where the pod wants it, unless it is too long', () => {
    const spec = { subdomain: 'db', setHostnameAsFQDN: true }
    expect(hostname(spec)).toBe('web.db.default.svc.cluster.local')
    expect(() => hostname(spec, 'a'.repeat(36))).toThrow(
      `FQDN ${'a'.repeat(36)}.db.default.svc.cluster.local is too long (64 characters is the max, 65 characters requested)`,
    )
  })
})

it('gives way to a host name that overrides all others', () => {
  const pod = aPod({ hostname: 'db-0', subdomain: 'db', hostnameOverride: 'db.example.com' })
  expect(sandboxHostname(pod, 'cluster.local')).toBe('db.example.com')
  expect(hostsFile(pod, { ip: '10.1.0.2', clusterDomain: 'cluster.local' })).toContain('\n10.1.0.2\tdb.example.com\n')
  const long = aPod({ hostnameOverride: `${'a'.repeat(62)}.b` })
  expect(sandboxHostname(long, 'cluster.local')).toBe('a'.repeat(62))
})
