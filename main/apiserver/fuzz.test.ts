import fc from 'fast-check'
import { expect, test } from 'vitest'
import { apiVersionOf } from '../../shared/api/ref.ts'
import { StatusError } from '../../shared/machinery/status.ts'
import type { Logger } from '../../shared/machinery/log.ts'
import { builtInResources } from '../resources/resources.ts'
import { startServer } from './testing/start-server.ts'
import { applyType } from './verbs/apply.ts'

// Whatever JSON a client puts wherever it likes, the answer is an object or a Status that is no fault of the server.

const namespaced = (group: string, resource: string) => `/${group}/namespaces/default/${resource}`
const template = {
  metadata: { labels: { a: 'b' } },
  spec: {
    containers: [
      {
        name: 'c',
        image: 'i',
        env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'm', key: 'k' } } }],
        ports: [{ containerPort: 80 }],
        resources: { requests: { cpu: '1m' } },
        livenessProbe: { httpGet: { path: '/', port: 80 } },
        volumeMounts: [{ name: 'v', mountPath: '/v' }],
      },
    ],
    volumes: [{ name: 'v', projected: { sources: [{ secret: { name: 's' } }] } }],
    tolerations: [{ key: 'a', operator: 'Exists' }],
    affinity: {
      nodeAffinity: {
        preferredDuringSchedulingIgnoredDuringExecution: [
          { weight: 1, preference: { matchExpressions: [{ key: 'a', operator: 'In', values: ['b'] }] } },
        ],
      },
    },
  },
}
const objects: [path: string, object: object][] = [
  [namespaced('api/v1', 'configmaps'), { data: { a: 'b' }, binaryData: { c: 'aGk=' } }],
  [namespaced('api/v1', 'secrets'), { data: { a: 'aGk=' }, stringData: { x: 'y' } }],
  [namespaced('api/v1', 'pods'), { spec: { ...template.spec, serviceAccountName: 'default' } }],
  [namespaced('api/v1', 'services'), { spec: { ports: [{ port: 80 }], selector: { a: 'b' } } }],
  [
    namespaced('api/v1', 'endpoints'),
    { subsets: [{ addresses: [{ ip: '1.2.3.4', targetRef: { kind: 'Pod' } }], ports: [{ port: 80 }] }] },
  ],
  [namespaced('api/v1', 'events'), { involvedObject: { namespace: 'default' }, eventTime: null, series: null }],
  [namespaced('api/v1', 'serviceaccounts'), { secrets: [{ name: 'a' }], imagePullSecrets: [{ name: 'b' }] }],
  ['/api/v1/namespaces', { spec: { finalizers: ['kubernetes'] } }],
  ['/api/v1/nodes', { spec: { taints: [{ key: 'a', effect: 'NoSchedule' }] }, status: { capacity: { cpu: '1' } } }],
  [namespaced('apis/coordination.k8s.io/v1', 'leases'), { spec: { renewTime: '2026-01-01T00:00:00.000000Z' } }],
  [
    namespaced('apis/discovery.k8s.io/v1', 'endpointslices'),
    { addressType: 'IPv4', endpoints: [{ addresses: ['1.2.3.4'], conditions: {} }], ports: [{ port: 80 }] },
  ],
  [
    namespaced('apis/apps/v1', 'deployments'),
    { spec: { selector: { matchLabels: { a: 'b' } }, strategy: { rollingUpdate: { maxSurge: 1 } }, template } },
  ],
  [
    namespaced('apis/apps/v1', 'replicasets'),
    { spec: { selector: { matchExpressions: [{ key: 'a', operator: 'In', values: ['b'] }] }, template } },
  ],
]

const names = ['__proto__', 'toString', '$patch', '$retainKeys', '$setElementOrder/containers', 'name', 'a', '']
const junk = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    {},
    [],
    [null],
    [{}],
    [[]],
    { toString: 1 },
    'delete',
    'replace',
    '9999-12-31T23:59:59Z',
  ),
  fc.jsonValue({ maxDepth: 2 }),
  fc.dictionary(fc.constantFrom(...names), fc.jsonValue({ maxDepth: 1 })),
)
const request = fc.record({
  of: fc.constantFrom(...objects),
  way: fc.constantFrom('POST', 'PUT', 'merge', 'strategic-merge', 'json', 'apply'),
  /** Which of the object's members is replaced, and whether only something is added to it. */
  at: fc.nat(),
  adds: fc.option(fc.constantFrom(...names), { freq: 3 }),
  value: junk,
})

/** What an application must say of itself. */
function typeOf(path: string): { apiVersion: string; kind: string } {
  const resource = builtInResources.find(
    ({ ref }) => path.endsWith(`/${ref.resource}`) && path.includes(apiVersionOf(ref)),
  )
  if (!resource) throw new Error(`no resource at ${path}`)
  return { apiVersion: apiVersionOf(resource.ref), kind: resource.ref.kind }
}

type Step = string | number

function pathsIn(value: unknown, path: Step[] = []): Step[][] {
  if (typeof value !== 'object' || value === null) return [path]
  const keys: Step[] = Array.isArray(value) ? [...value.keys()] : Object.keys(value)
  return [path, ...keys.flatMap(key => pathsIn((value as Record<Step, unknown>)[key], [...path, key]))]
}

function changed(value: unknown, path: readonly Step[], change: (old: unknown) => unknown): unknown {
  const [step, ...rest] = path
  if (step === undefined || typeof value !== 'object' || value === null) return change(value)
  const copy = structuredClone(value) as Record<Step, unknown>
  copy[step] = changed(copy[step], rest, change)
  return copy
}

test('no JSON makes the server fail', { timeout: 60_000 }, async () => {
  const errors: string[] = []
  const log: Logger = {
    error: (_, keys) => void errors.push(JSON.stringify(keys)),
    info() {},
    debug() {},
    with: () => log,
  }
  await using s = await startServer({ log })
  await s.send('POST', namespaced('api/v1', 'serviceaccounts'), { metadata: { name: 'default' } })
  for (const [path, object] of objects) await s.send('POST', path, { metadata: { name: 'kept' }, ...object })
  await fc.assert(
    fc.asyncProperty(request, async ({ of: [path, object], way, at, adds, value }) => {
      const whole = { metadata: { name: way === 'POST' ? 'made' : 'kept', labels: { a: 'b' } }, ...object }
      const paths = pathsIn(whole).slice(1)
      const place = paths[at % paths.length] ?? []
      const body = changed(whole, place, old =>
        adds === null ? value : { ...(old as object | null), ...JSON.parse(JSON.stringify({ [adds]: value })) },
      )
      const operations = [{ op: 'replace', path: `/${place.join('/')}`, value }]
      try {
        if (way === 'POST' || way === 'PUT') await s.send(way, way === 'PUT' ? `${path}/kept` : path, body)
        else if (way === 'apply') {
          const headers = { 'content-type': applyType }
          const query = { fieldManager: 'fuzz', force: 'true' }
          const application = body !== null && typeof body === 'object' ? { ...typeOf(path), ...body } : body
          await s.send('PATCH', `${path}/kept`, application, { headers, query })
        } else {
          const headers = { 'content-type': `application/${way}-patch+json` }
          await s.send('PATCH', `${path}/kept`, way === 'json' ? operations : body, { headers })
        }
        if (way === 'POST') await s.send('DELETE', `${path}/made`)
      } catch (error) {
        if (!(error instanceof StatusError)) throw error
      }
      expect(errors).toEqual([])
    }),
    // One seed: a run that fails must not depend on the day.
    { numRuns: 1500, seed: 1 },
  )
})
