import { expect, it } from 'vitest'
import { podDns, resolvConf } from './dns.ts'
import { hostsFile, podHostname, sandboxHostname } from './hosts-file.ts'
import { aPod } from './pod.fixture.ts'

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

it('cuts a long name to a host name', () => {
  const pod = aPod({}, { metadata: { name: `${'a'.repeat(62)}-b`, namespace: 'default', uid: 'u' } })
  expect(podHostname(pod)).toBe('a'.repeat(62))
  expect(sandboxHostname(aPod({ subdomain: 'db', setHostnameAsFQDN: true }), 'cluster.local')).toBe(
    'web.db.default.svc.cluster.local',
  )
})

it('gives way to a host name that overrides all others', () => {
  const pod = aPod({ hostname: 'db-0', subdomain: 'db', hostnameOverride: 'db.example.com' })
  expect(sandboxHostname(pod, 'cluster.local')).toBe('db.example.com')
  expect(hostsFile(pod, { ip: '10.1.0.2', clusterDomain: 'cluster.local' })).toContain('\n10.1.0.2\tdb.example.com\n')
  const long = aPod({ hostnameOverride: `${'a'.repeat(62)}.b` })
  expect(sandboxHostname(long, 'cluster.local')).toBe('a'.repeat(62))
})
