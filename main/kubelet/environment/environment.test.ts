import { describe, expect, it } from 'vitest'
import type { Container, Service } from '../../../shared/api/core.ts'
import type { KubeObject, ObjectKey } from '../../../shared/api/object.ts'
import type { ResourceRef } from '../../../shared/api/ref.ts'
import { containerEnvironment } from './environment.ts'
import { expand } from './expand.ts'
import type { ObjectReader } from '../object-reader.ts'
import { aPod } from '../pod/pod.fixture.ts'
import { serviceEnvironment } from './service-environment.ts'

const base64 = (text: string) => Buffer.from(text).toString('base64')
const objects: Record<string, object> = {
  'configmaps/default/settings': { data: { COLOR: 'blue' } },
  'secrets/default/login': { data: { user: base64('me') } },
}
const read: ObjectReader = {
  find: async <T extends KubeObject>({ resource }: ResourceRef<T>, { namespace, name }: ObjectKey) =>
    objects[`${resource}/${namespace}/${name}`] as T | undefined,
}
const files: Record<string, string> = {
  '/volumes/shared/app.env': "TOKEN='a b'\n",
  '/volumes/shared/bad.env': 'TOKEN=x',
}
const facts = { ip: '10.1.0.2', hostIP: '172.18.0.2', nodeName: 'n1', allocatable: { cpu: '4', memory: '8Gi' } }

async function environment(container: Partial<Container>, services = new Map<string, string>()) {
  const env = await containerEnvironment({
    pod: aPod({}, { metadata: { name: 'web', namespace: 'default', uid: 'u1', labels: { app: 'x' } } }),
    container: { name: 'app', ...container },
    facts,
    services,
    read,
    volumes: new Map([['shared', '/volumes/shared']]),
    host: {
      async read(volumePath, path) {
        const text = files[`${volumePath}/${path}`]
        if (text === undefined) throw new Error('no such file')
        return Buffer.from(text)
      },
    },
  })
  return { env: Object.fromEntries(env.map(e => [e.name, e.value])) }
}

describe('containerEnvironment', () => {
  it('takes values from wherever they are', async () => {
    const field = (name: string, fieldPath: string) => ({ name, valueFrom: { fieldRef: { fieldPath } } })
    const { env } = await environment({
      resources: { limits: { memory: '64Mi' } },
      env: [
        { name: 'PLAIN', value: 'x' },
        { name: 'MAP', valueFrom: { configMapKeyRef: { name: 'settings', key: 'COLOR' } } },
        { name: 'SECRET', valueFrom: { secretKeyRef: { name: 'login', key: 'user' } } },
        { name: 'ABSENT', valueFrom: { secretKeyRef: { name: 'login', key: 'no', optional: true } } },
        field('IP', 'status.podIP'),
        field('NODE', 'spec.nodeName'),
        field('LABEL', "metadata.labels['app']"),
        { name: 'MEMORY', valueFrom: { resourceFieldRef: { resource: 'limits.memory', divisor: '1Mi' } } },
        { name: 'CPU', valueFrom: { resourceFieldRef: { resource: 'limits.cpu', divisor: '0' } } },
      ],
    })
    expect(env).toEqual({
      PLAIN: 'x',
      MAP: 'blue',
      SECRET: 'me',
      IP: '10.1.0.2',
      NODE: 'n1',
      LABEL: 'x',
      MEMORY: '64',
      CPU: '4',
    })
  })

  it('adds whole sources with a prefix', async () => {
    const { env } = await environment({
      envFrom: [{ prefix: 'P_', configMapRef: { name: 'settings' } }, { secretRef: { name: 'gone', optional: true } }],
    })
    expect(env).toEqual({ P_COLOR: 'blue' })
  })

  it('takes what a container has written to a file', async () => {
    const from = (path: string, key: string, optional = false) => ({
      env: [{ name: 'TOKEN', valueFrom: { fileKeyRef: { volumeName: 'shared', path, key, optional } } }],
    })
    expect((await environment(from('app.env', 'TOKEN'))).env).toEqual({ TOKEN: 'a b' })
    expect((await environment(from('app.env', 'NONE', true))).env).toEqual({})
    await expect(environment(from('app.env', 'NONE'))).rejects.toThrow(
      'environment variable key "NONE" not found in file "/volumes/shared/app.env"',
    )
    await expect(environment(from('bad.env', 'TOKEN'))).rejects.toThrow("couldn't parse env file")
    await expect(environment(from('gone.env', 'TOKEN'))).rejects.toThrow("couldn't parse env file")
  })

  it('expands what came before, and Services, which a container may override', async () => {
    const services = new Map([
      ['DB_SERVICE_HOST', '10.96.1.1'],
      ['COLOR', 'red'],
    ])
    const { env } = await environment(
      {
        envFrom: [{ configMapRef: { name: 'settings' } }],
        env: [{ name: 'URL', value: '$(COLOR)@$(DB_SERVICE_HOST) $(NONE) $$(COLOR)' }],
      },
      services,
    )
    expect(env).toEqual({ COLOR: 'blue', URL: 'blue@10.96.1.1 $(NONE) $(COLOR)', DB_SERVICE_HOST: '10.96.1.1' })
  })

  it.each([
    [{ envFrom: [{ configMapRef: { name: 'x' } }] }, 'configmap "x" not found'],
    [{ envFrom: [{ secretRef: { name: 'x' } }] }, 'secret "x" not found'],
    [{ env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'x', key: 'k' } } }] }, 'configmap "x" not found'],
    [
      { env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'settings', key: 'k' } } }] },
      "couldn't find key k in ConfigMap default/settings",
    ],
    [
      { env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 'login', key: 'k' } } }] },
      "couldn't find key k in Secret default/login",
    ],
  ])('says what is missing: %j', async (container, message) => {
    await expect(environment(container)).rejects.toMatchObject({ reason: 'CreateContainerConfigError', message })
  })
})

it.each([
  ['$(A)', '1'],
  ['$$(A)', '$(A)'],
  ['$$$(A)', '$1'],
  ['$(UNKNOWN)-$(A)', '$(UNKNOWN)-1'],
  ['$(A', '$(A'],
  ['$A $', '$A $'],
  ['$()', '$()'],
])('expands %s to %s', (text, result) => {
  expect(expand(text, name => ({ A: '1' })[name])).toBe(result)
})

describe('serviceEnvironment', () => {
  const service = (namespace: string, name: string, clusterIP: string) =>
    ({ metadata: { namespace, name, uid: name }, spec: { clusterIP, ports: [{ name: 'http', port: 80 }] } }) as Service
  const services = [
    service('default', 'kubernetes', '10.96.0.1'),
    service('default', 'my-db', '10.96.0.2'),
    service('other', 'x', '10.96.0.3'),
    service('default', 'headless', 'None'),
  ]

  it('tells of the Services of the namespace', () => {
    const env = serviceEnvironment(aPod(), services)
    expect(Object.fromEntries([...env].filter(([name]) => name.startsWith('MY_DB')))).toEqual({
      MY_DB_SERVICE_HOST: '10.96.0.2',
      MY_DB_SERVICE_PORT: '80',
      MY_DB_SERVICE_PORT_HTTP: '80',
      MY_DB_PORT: 'tcp://10.96.0.2:80',
      MY_DB_PORT_80_TCP: 'tcp://10.96.0.2:80',
      MY_DB_PORT_80_TCP_PROTO: 'tcp',
      MY_DB_PORT_80_TCP_PORT: '80',
      MY_DB_PORT_80_TCP_ADDR: '10.96.0.2',
    })
    expect([...env.keys()].some(name => /^(X|HEADLESS)_/.test(name))).toBe(false)
  })

  it('keeps only the API server without links', () => {
    const env = serviceEnvironment(aPod({ enableServiceLinks: false }), services)
    expect(env.get('KUBERNETES_SERVICE_HOST')).toBe('10.96.0.1')
    expect(env.has('MY_DB_SERVICE_HOST')).toBe(false)
  })
})
