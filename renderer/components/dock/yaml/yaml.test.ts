import { expect, it } from 'vitest'
import type { KubeObject } from '../../../../shared/api/object.ts'
import { badRequest, invalid } from '../../../../shared/machinery/status.ts'
import { readDocuments } from './documents.ts'
import { formatFieldPath, parseFieldPath } from './field-path.ts'
import { merge } from './merge.ts'
import { serverProblems } from './server-problems.ts'
import { editable, toYaml } from './to-yaml.ts'
import { refOf } from './write.ts'

const words = { notObject: 'not an object' }
const text = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
  labels:
    app.kubernetes.io/name: api
spec:
  template:
    spec:
      containers:
      - name: api
        image: x
        ports:
        - containerPort: 1
---
# nothing
---
kind: ConfigMap
`

it('reads the objects of a text and where each begins', () => {
  const { objects, problems } = readDocuments(text, words)
  expect(problems).toEqual([])
  expect(objects.map(({ value, line }) => [value['kind'], line])).toEqual([
    ['Deployment', 1],
    ['ConfigMap', 18],
  ])
})

it.each([
  ['spec.template.spec.containers[0].image', 12],
  ['spec.template.spec.containers[0].ports[0].containerPort', 14],
  ['metadata.labels[app.kubernetes.io/name]', 6],
  ['spec.template.spec.containers[0].livenessProbe.httpGet', 11],
  ['spec.replicas', 7],
  ['', 1],
])('places %s at line %i', (field, line) => {
  const [object] = readDocuments(text, words).objects
  // A field that is missing is shown at the deepest parent that is there.
  expect(object!.locate(field).line).toBeLessThanOrEqual(line)
  if (!field.includes('livenessProbe')) expect(object!.locate(field).line).toBe(line)
})

it('reads and writes as Kubernetes does', () => {
  const [object] = readDocuments('on: yes\nmode: 0644\nshare: "yes"\nat: 1:30\nx: 1_000\n', words).objects
  expect(object!.value).toEqual({ true: true, mode: 420, share: 'yes', at: '1:30', x: 1000 })
  const values = {
    a: 'yes',
    b: 'off',
    c: 'y',
    d: '0644',
    e: '0o17',
    f: '1_000',
    g: '1e3',
    h: '~',
    i: '',
    n: 1.5,
    t: true,
    z: null,
  }
  expect(readDocuments(toYaml({ ...values, y: 'key' }), words).objects[0]!.value).toEqual({ ...values, y: 'key' })
})

it('says what can’t be read, and where', () => {
  const { objects, problems } = readDocuments('a: 1\na: 2\n---\n- x\n---\nb: [1\n', words)
  expect(objects).toEqual([])
  expect(problems.map(({ line }) => line)).toContain(2)
  expect(problems.map(({ message }) => message)).toContain('not an object')
})

it('does not let aliases multiply', () => {
  const bomb = [
    'a: &a [1,1,1,1,1,1,1,1,1]',
    ...'bcdefg'.split('').map((k, i) => `${k}: &${k} [${Array(9).fill(`*${'abcdef'[i]!}`).join(',')}]`),
  ]
  expect(() => readDocuments(bomb.join('\n'), words)).toThrow()
})

it('goes to and fro between paths and texts', () => {
  for (const path of ['spec.ports[0].port', 'metadata.labels[app.kubernetes.io/name]', 'data[a.b]']) {
    expect(formatFieldPath(parseFieldPath(path))).toBe(path)
  }
})

it('places what the server says at its field', () => {
  const [object] = readDocuments(text, words).objects
  const causes = [
    { field: 'spec.template.spec.containers[0].image', message: 'Required value', reason: 'FieldValueRequired' },
  ]
  const refused = invalid({ group: 'apps', kind: 'Deployment', name: 'api' }, causes)
  expect(serverProblems(refused, object!)).toMatchObject([{ line: 12, message: 'Required value' }])
  const strict = badRequest(
    'Deployment in version "v1" cannot be handled as a Deployment: strict decoding error: unknown field "spec.template.spec.containers[0].ports[0].port", unknown field "metadata.label"',
  )
  expect(serverProblems(strict, object!).map(({ line }) => line)).toEqual([14, 3])
  const mistyped = badRequest(
    'Deployment in version "v1" cannot be handled as a Deployment: json: cannot unmarshal string into Go struct field Container.spec.template.spec.containers.image of type string',
  )
  expect(serverProblems(mistyped, object!).map(({ line }) => line)).toEqual([10])
})

it('hides what nobody edits', () => {
  const object = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'a', managedFields: [{}] },
    status: { phase: 'Running' },
  } as unknown as KubeObject
  expect(editable(object, false)).toEqual({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' } })
  expect(editable(object, true)).toHaveProperty('status')
  expect(object.metadata.managedFields).toHaveLength(1)
  expect(toYaml({ a: ['x'], long: 'word '.repeat(40).trim() })).toMatch(/^a:\n- x\nlong: (word ?){40}\n$/)
})

it('takes over what only they changed and keeps mine where both did', () => {
  const base = {
    spec: {
      replicas: 3,
      paused: false,
      list: [1],
      containers: [
        { name: 'a', image: '1' },
        { name: 'b', image: '1' },
      ],
    },
  }
  const mine = {
    spec: {
      replicas: 5,
      paused: false,
      list: [1],
      containers: [
        { name: 'a', image: '2' },
        { name: 'b', image: '1' },
      ],
    },
  }
  const theirs = {
    metadata: { resourceVersion: '9' },
    spec: {
      replicas: 4,
      paused: true,
      list: [1, 2],
      containers: [
        { name: 'a', image: '1' },
        { name: 'b', image: '3' },
      ],
    },
  }
  expect(merge(base, mine, theirs)).toEqual({
    value: {
      metadata: { resourceVersion: '9' },
      spec: {
        replicas: 5,
        paused: true,
        list: [1, 2],
        containers: [
          { name: 'a', image: '2' },
          { name: 'b', image: '3' },
        ],
      },
    },
    both: ['spec.replicas'],
    theirs: ['spec.paused', 'spec.list', 'spec.containers.b.image', 'metadata'],
  })
})

it('keeps what I removed removed, and what they removed too', () => {
  expect(merge({ a: 1, b: 1 }, { b: 1 }, { a: 1, b: 1 })).toMatchObject({ value: { b: 1 }, both: [] })
  expect(merge({ a: 1, b: 1 }, { a: 1, b: 1 }, { a: 1 })).toMatchObject({ value: { a: 1 }, theirs: ['b'] })
  expect(merge({ a: 1 }, { a: 2 }, {})).toMatchObject({ value: { a: 2 }, both: ['a'] })
})

it('finds the kind in the object’s own version', () => {
  const ref = { group: 'apps', version: 'v1', resource: 'deployments', kind: 'Deployment', namespaced: true }
  const kinds = [{ ref, shortNames: [], categories: [], verbs: [], subresources: [] }]
  expect(refOf({ apiVersion: 'apps/v1beta1', kind: 'Deployment' }, kinds)).toMatchObject({
    version: 'v1beta1',
    resource: 'deployments',
  })
  expect(refOf({ apiVersion: 'v1', kind: 'Deployment' }, kinds)).toBeUndefined()
  expect(refOf({ kind: 'Deployment' }, kinds)).toBeUndefined()
})
