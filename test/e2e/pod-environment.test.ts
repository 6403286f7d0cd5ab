import { beforeAll, describe, expect, it } from 'vitest'
import type { Pod, Service } from '../../shared/api/core.ts'
import { useCluster } from '../helpers/cluster.ts'
import { withoutDocker } from '../helpers/docker.ts'
import { eventually } from '../helpers/eventually.ts'
import { shellPod, untilEnded } from '../helpers/shell-pod.ts'

const field = (name: string, fieldPath: string) => ({ name, valueFrom: { fieldRef: { fieldPath } } })
const resource = (name: string, resource: string, divisor?: string) => ({
  name,
  valueFrom: { resourceFieldRef: { resource, ...(divisor !== undefined && { divisor }) } },
})
const item = (path: string, fieldPath: string) => ({ path, fieldRef: { fieldPath } })

/** Lines of `NAME=value`, as `env` prints them. */
const variables = (text: string): Record<string, string> =>
  Object.fromEntries(text.split('\n').map(line => [line.replace(/=.*/, ''), line.replace(/^[^=]*=/, '')]))

describe.skipIf(withoutDocker)(`the environment of a pod on Docker ${withoutDocker}`, () => {
  const cluster = useCluster('pod-env')
  const { apply, inPod, kubectl, ready } = cluster
  // By no shell: it would keep names to itself that it can't have.
  const environment = async (name: string) => variables(await kubectl.ok(['exec', name, '--', 'env']))
  const pod = (name: string) => cluster.read<Pod>('pod', name)

  beforeAll(async () => {
    const service = { selector: { app: 'db' }, ports: [{ name: 'sql', port: 5432 }] }
    await apply({
      apiVersion: 'v1',
      kind: 'List',
      items: [
        { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'own' } },
        {
          apiVersion: 'v1',
          kind: 'ConfigMap',
          metadata: { name: 'settings' },
          data: { COLOR: 'blue', 'with-dash': 'kept', MODE: 'from map' },
        },
        { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'keys' }, stringData: { TOKEN: 's3cret' } },
        { apiVersion: 'v1', kind: 'Service', metadata: { name: 'my-db' }, spec: service },
        { apiVersion: 'v1', kind: 'Service', metadata: { name: 'peers' }, spec: { ...service, clusterIP: 'None' } },
      ],
    })
  })

  it('has variables of every source, expanded in their order', async () => {
    await apply(
      shellPod('full', `echo "$0 $1"; ${untilEnded}`, {
        container: {
          args: ['$(GREETING)', '$$(GREETING) $(UNKNOWN)'],
          envFrom: [
            { configMapRef: { name: 'settings' } },
            { prefix: 'KEY_', secretRef: { name: 'keys' } },
            { configMapRef: { name: 'nowhere', optional: true } },
          ],
          env: [
            { name: 'MODE', value: 'own' },
            { name: 'GREETING', value: 'hello $(COLOR) $(MODE) $(LATER)' },
            { name: 'LATER', value: 'too late' },
            { name: 'ESCAPED', value: '$$(COLOR)' },
            { name: 'ONE', valueFrom: { configMapKeyRef: { name: 'settings', key: 'with-dash' } } },
            { name: 'NONE', valueFrom: { secretKeyRef: { name: 'keys', key: 'absent', optional: true } } },
            field('POD', 'metadata.name'),
            field('UID_OF_POD', 'metadata.uid'),
            field('ACCOUNT', 'spec.serviceAccountName'),
            field('NODE', 'spec.nodeName'),
            field('IP', 'status.podIP'),
            field('HOST', 'status.hostIP'),
            field('LABEL', "metadata.labels['tier']"),
            resource('CPU', 'limits.cpu'),
            resource('MILLIS', 'requests.cpu', '1m'),
            resource('MEMORY', 'limits.memory', '1Mi'),
          ],
          resources: { requests: { cpu: '250m' }, limits: { cpu: '1500m', memory: '64Mi' } },
        },
        metadata: { labels: { tier: 'front' } },
        spec: { serviceAccountName: 'own' },
      }),
    )
    await ready('full')
    const { metadata, spec, status } = await pod('full')
    const env = await environment('full')
    expect(env).toMatchObject({
      COLOR: 'blue',
      MODE: 'own',
      KEY_TOKEN: 's3cret',
      'with-dash': 'kept',
      GREETING: 'hello blue own $(LATER)',
      ESCAPED: '$(COLOR)',
      ONE: 'kept',
      POD: 'full',
      UID_OF_POD: metadata.uid,
      ACCOUNT: 'own',
      NODE: spec.nodeName,
      IP: status?.podIP,
      HOST: status?.hostIP,
      LABEL: 'front',
      CPU: '2',
      MILLIS: '250',
      MEMORY: '64',
    })
    expect(env).not.toHaveProperty('NONE')
    expect(await kubectl.ok(['logs', 'full'])).toBe('hello blue own $(LATER) $(GREETING) $(UNKNOWN)\n')
  })

  it('has variables of the Services of its namespace, unless it wants none', async () => {
    await apply(shellPod('linked'))
    await apply(shellPod('unlinked', untilEnded, { spec: { enableServiceLinks: false } }))
    await ready('linked', 'unlinked')
    const { clusterIP } = (await cluster.read<Service>('service', 'my-db')).spec
    const env = await environment('linked')
    expect(env).toMatchObject({
      MY_DB_SERVICE_HOST: clusterIP,
      MY_DB_SERVICE_PORT: '5432',
      MY_DB_SERVICE_PORT_SQL: '5432',
      MY_DB_PORT_5432_TCP: `tcp://${clusterIP}:5432`,
      MY_DB_PORT_5432_TCP_PROTO: 'tcp',
      KUBERNETES_SERVICE_PORT_HTTPS: '443',
    })
    expect(env).not.toHaveProperty('PEERS_SERVICE_HOST')
    const names = Object.keys(await environment('unlinked'))
    expect(names).toContain('KUBERNETES_SERVICE_HOST')
    expect(names.filter(name => name.startsWith('MY_DB'))).toEqual([])
  })

  it('waits with a reason for what it needs, and starts when that is there', async () => {
    const env = [{ name: 'X', valueFrom: { configMapKeyRef: { name: 'later', key: 'x' } } }]
    await apply(shellPod('waiting', untilEnded, { container: { env } }))
    const waiting = async () => (await pod('waiting')).status?.containerStatuses?.[0]?.state?.waiting
    const told = (message: string) =>
      eventually(async () => expect(await waiting()).toEqual({ reason: 'CreateContainerConfigError', message }))
    await told('configmap "later" not found')
    await kubectl.ok(['create', 'configmap', 'later', '--from-literal=y=1'])
    await told("couldn't find key x in ConfigMap default/later")
    await kubectl.ok(['patch', 'configmap', 'later', '--patch', '{"data":{"x":"here"}}'])
    await ready('waiting')
    expect(await inPod('waiting', 'echo $X')).toBe('here\n')
  })

  it('sees its labels and annotations in files, and their changes', async () => {
    const items = [
      item('name', 'metadata.name'),
      item('labels', 'metadata.labels'),
      item('notes', 'metadata.annotations'),
    ]
    await apply(
      shellPod('files', untilEnded, {
        metadata: { labels: { a: '1', b: 'two' }, annotations: { note: 'says "so"' } },
        container: { volumeMounts: [{ name: 'info', mountPath: '/info' }] },
        spec: { volumes: [{ name: 'info', downwardAPI: { items } }] },
      }),
    )
    await ready('files')
    expect(await inPod('files', 'cat /info/name; echo; cat /info/labels')).toBe('files\na="1"\nb="two"')
    expect(await inPod('files', 'cat /info/notes')).toContain('note="says \\"so\\""')
    await kubectl.ok(['label', 'pod', 'files', 'a=3', '--overwrite'])
    await eventually(async () => expect(await inPod('files', 'cat /info/labels')).toBe('a="3"\nb="two"'))
  })

  it('has its names, hosts and resolver', async () => {
    await apply(
      shellPod('named', untilEnded, {
        metadata: { labels: { app: 'db' } },
        spec: {
          hostname: 'first',
          subdomain: 'peers',
          hostAliases: [{ ip: '192.0.2.7', hostnames: ['printer', 'printer.local'] }],
          dnsConfig: { searches: ['corp.example'], options: [{ name: 'ndots', value: '2' }] },
        },
      }),
    )
    await apply(shellPod('whole', untilEnded, { spec: { hostname: 'w', subdomain: 'peers', setHostnameAsFQDN: true } }))
    await ready('named', 'whole')
    expect(await inPod('named', 'hostname')).toBe('first\n')
    expect(await inPod('whole', 'hostname')).toBe('w.peers.default.svc.cluster.local\n')
    const ip = (await pod('named')).status?.podIP
    const hosts = await inPod('named', 'cat /etc/hosts')
    expect(hosts).toMatch(/^# Kubernetes-managed hosts file\.\n/)
    expect(hosts).toContain(`${ip}\tfirst.peers.default.svc.cluster.local\tfirst\n`)
    expect(hosts).toContain('192.0.2.7\tprinter\tprinter.local\n')
    const resolver = await inPod('named', 'cat /etc/resolv.conf')
    expect(resolver).toMatch(
      /^search default\.svc\.cluster\.local svc\.cluster\.local cluster\.local.* corp\.example$/m,
    )
    expect(resolver).toMatch(/^options ndots:2$/m)
    await eventually(async () =>
      expect(await inPod('whole', 'getent hosts first.peers')).toMatch(
        new RegExp(`^${ip}\\s+first\\.peers\\.default\\.svc\\.cluster\\.local`),
      ),
    )
  })
})
