import { expect, test } from 'vitest'
import type { ConfigMap, Namespace } from '../../../shared/api/core.ts'
import type { KubeList, Status } from '../../../shared/api/object.ts'
import { startServer } from '../testing/start-server.ts'

const maps = '/api/v1/namespaces/default/configmaps'
const start = () => startServer()

test('a new object gets what only the server decides', async () => {
  await using s = await start()
  const made = await s.send<ConfigMap>('POST', maps, {
    metadata: { name: 'a', uid: 'mine', deletionTimestamp: '2020-01-01T00:00:00Z' },
    data: { k: 'v' },
  })
  expect(made).toMatchObject({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'a', namespace: 'default' },
    data: { k: 'v' },
  })
  expect(made.metadata.uid).toMatch(/^[0-9a-f]{8}-/)
  expect(made.metadata.deletionTimestamp).toBeUndefined()
  expect(await s.send('GET', `${maps}/a`)).toEqual(made)
  const again = await s.refused('POST', maps, { metadata: { name: 'a' } })
  expect(again.status).toMatchObject({ code: 409, reason: 'AlreadyExists', message: 'configmaps "a" already exists' })
})

test('a resourceVersion of a new object is refused, but not before all else that is wrong with it', async () => {
  await using s = await start()
  const versioned = (name: string) => ({ metadata: { name, resourceVersion: '1' } })
  expect((await s.refused('POST', maps, versioned('a'))).status).toMatchObject({
    code: 500,
    message: 'resourceVersion should not be set on objects to be created',
  })
  expect((await s.refused('POST', maps, versioned('A'))).status).toMatchObject({ code: 422, reason: 'Invalid' })
})

test('a generated name that is taken is replaced', async () => {
  // The first two names come out the same.
  let calls = 0
  await using s = await startServer({ random: () => (calls++ < 10 ? 0 : 0.5) })
  calls = 0
  const first = await s.send<ConfigMap>('POST', maps, { metadata: { generateName: 'x-' } })
  calls = 0
  const second = await s.send<ConfigMap>('POST', maps, { metadata: { generateName: 'x-' } })
  expect(first.metadata.name).toBe('x-bbbbb')
  expect(second.metadata.name).toMatch(/^x-.{5}$/)
  expect(second.metadata.name).not.toBe(first.metadata.name)
})

test('faults are named with their paths', async () => {
  await using s = await start()
  expect((await s.refused('POST', maps, { metadata: {} })).message).toBe(
    'ConfigMap "" is invalid: metadata.name: Required value: name or generateName is required',
  )
  expect((await s.refused('POST', maps, { metadata: { name: 'a' }, data: { k: 1 } })).status).toMatchObject({
    code: 400,
    reason: 'BadRequest',
  })
  const strict = { query: { fieldValidation: 'Strict' } }
  expect((await s.refused('POST', maps, { metadata: { name: 'a' }, oops: 1 }, strict)).message).toBe(
    'ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: unknown field "oops"',
  )
  expect((await s.refused('POST', maps, { apiVersion: 'v2', metadata: { name: 'a' } })).message).toBe(
    'the API version in the data (v2) does not match the expected API version (v1)',
  )
  expect((await s.refused('POST', '/api/v1/namespaces/none/configmaps', { metadata: { name: 'a' } })).message).toBe(
    'namespaces "none" not found',
  )
  expect((await s.refused('POST', maps, { metadata: { name: 'a', namespace: 'other' } })).message).toBe(
    'the namespace of the provided object does not match the namespace sent on the request',
  )
})

test('a dry run stores nothing', async () => {
  await using s = await start()
  const before = s.store.revision
  await s.send('POST', maps, { metadata: { name: 'a' } }, { query: { dryRun: 'All' } })
  expect(s.store.revision).toBe(before)
  expect((await s.refused('GET', `${maps}/a`)).code).toBe(404)
  expect((await s.refused('POST', maps, { metadata: { name: 'a' } }, { query: { dryRun: 'Some' } })).code).toBe(422)
})

test('an update is refused when the object has changed since it was read', async () => {
  await using s = await start()
  const made = await s.send<ConfigMap>('POST', maps, { metadata: { name: 'a' }, data: { k: '1' } })
  await s.send('PUT', `${maps}/a`, { ...made, data: { k: '2' } })
  const stale = await s.refused('PUT', `${maps}/a`, { ...made, data: { k: '3' } })
  expect(stale.status).toMatchObject({ code: 409, reason: 'Conflict' })
  expect(stale.message).toBe(
    'Operation cannot be fulfilled on configmaps "a": the object has been modified; please apply your changes to the latest version and try again',
  )
  const { metadata } = await s.send<ConfigMap>('PUT', `${maps}/a`, { metadata: { name: 'a' }, data: { k: '4' } })
  expect(metadata).toMatchObject({ uid: made.metadata.uid, creationTimestamp: made.metadata.creationTimestamp })
})

test('an update that changes nothing is not stored', async () => {
  await using s = await start()
  const made = await s.send<ConfigMap>('POST', maps, { metadata: { name: 'a' }, data: { k: '1' } })
  const same = await s.send<ConfigMap>('PUT', `${maps}/a`, { data: { k: '1' }, metadata: { name: 'a' } })
  expect(same.metadata.resourceVersion).toBe(made.metadata.resourceVersion)
})

test.each([
  ['application/merge-patch+json', { data: { k: null, n: '2' } }],
  ['application/strategic-merge-patch+json', { data: { k: null, n: '2' } }],
  [
    'application/json-patch+json',
    [
      { op: 'remove', path: '/data/k' },
      { op: 'add', path: '/data/n', value: '2' },
    ],
  ],
])('%s', async (type, body) => {
  await using s = await start()
  await s.send('POST', maps, { metadata: { name: 'a' }, data: { k: '1', l: '1' } })
  const patched = await s.send<ConfigMap>('PATCH', `${maps}/a`, body, { headers: { 'content-type': type } })
  expect(patched.data).toEqual({ l: '1', n: '2' })
})

test('patches of the same object at once all take effect', async () => {
  await using s = await start()
  await s.send('POST', maps, { metadata: { name: 'a' } })
  const headers = { 'content-type': 'application/merge-patch+json' }
  const patches = ['x', 'y', 'z'].map(key => s.send('PATCH', `${maps}/a`, { data: { [key]: '1' } }, { headers }))
  await Promise.all(patches)
  expect((await s.send<ConfigMap>('GET', `${maps}/a`)).data).toEqual({ x: '1', y: '1', z: '1' })
})

test('a patch that does not fit is refused', async () => {
  await using s = await start()
  await s.send('POST', maps, { metadata: { name: 'a' } })
  const patch = (body: unknown, type: string, query = {}) =>
    s.refused('PATCH', `${maps}/a`, body, { headers: { 'content-type': type }, query })
  expect((await patch({}, 'application/other')).code).toBe(415)
  const unknown = await patch({ oops: 1 }, 'application/merge-patch+json', { fieldValidation: 'Strict' })
  expect(unknown.code).toBe(422)
  expect(unknown.message).toContain('strict decoding error: unknown field "oops"')
  expect((await patch({ metadata: { resourceVersion: '1' } }, 'application/merge-patch+json')).code).toBe(409)
  expect((await patch({ metadata: { name: 'b' } }, 'application/merge-patch+json')).code).toBe(400)
})

test('a deletion says what is gone, and waits for finalizers', async () => {
  await using s = await start()
  const made = await s.send<ConfigMap>('POST', maps, { metadata: { name: 'a' } })
  const gone = await s.send<Status>('DELETE', `${maps}/a`)
  expect(gone).toMatchObject({
    kind: 'Status',
    status: 'Success',
    details: { name: 'a', kind: 'configmaps', uid: made.metadata.uid },
  })

  await s.send('POST', maps, { metadata: { name: 'b', finalizers: ['example.com/wait'] } })
  const held = await s.send<ConfigMap>('DELETE', `${maps}/b`)
  expect(held.metadata.deletionTimestamp).toBeDefined()
  expect(held.metadata.deletionGracePeriodSeconds).toBe(0)
  expect(await s.send<ConfigMap>('DELETE', `${maps}/b`)).toEqual(held)
  const headers = { 'content-type': 'application/merge-patch+json' }
  await s.send('PATCH', `${maps}/b`, { metadata: { finalizers: null } }, { headers })
  expect((await s.refused('GET', `${maps}/b`)).message).toBe('configmaps "b" not found')
})

test('deletions honour preconditions and propagation', async () => {
  await using s = await start()
  const made = await s.send<ConfigMap>('POST', maps, { metadata: { name: 'a' } })
  // Upstream names the kind here, not the resource.
  expect((await s.refused('DELETE', `${maps}/a`, { preconditions: { uid: 'other' } })).status).toMatchObject({
    code: 409,
    details: { name: 'a', kind: 'ConfigMap' },
  })
  expect((await s.refused('DELETE', `${maps}/a`, { propagationPolicy: 'Sideways' })).code).toBe(422)
  const orphaning = await s.send<ConfigMap>('DELETE', `${maps}/a`, {
    propagationPolicy: 'Orphan',
    preconditions: { uid: made.metadata.uid },
  })
  expect(orphaning.metadata.finalizers).toEqual(['orphan'])
  const foreground = await s.send<ConfigMap>('DELETE', `${maps}/a`, undefined, {
    query: { propagationPolicy: 'Foreground' },
  })
  expect(foreground.metadata.finalizers).toEqual(['foregroundDeletion'])
})

test('a collection is deleted by selector', async () => {
  await using s = await start()
  for (const [name, tier] of [
    ['a', 'x'],
    ['b', 'x'],
    ['c', 'y'],
  ])
    await s.send('POST', maps, { metadata: { name, labels: { tier } } })
  const deleted = await s.send<KubeList>('DELETE', maps, undefined, { query: { labelSelector: 'tier=x' } })
  expect(deleted.items.map(item => item.metadata.name)).toEqual(['a', 'b'])
  expect((await s.send<KubeList>('GET', maps)).items.map(item => item.metadata.name)).toEqual(['c'])
})

test('namespaces: some are immortal, others end when their finalizer is gone', async () => {
  await using s = await start()
  expect((await s.refused('DELETE', '/api/v1/namespaces/default')).message).toBe(
    'namespaces "default" is forbidden: this namespace may not be deleted',
  )
  await s.send('POST', '/api/v1/namespaces', { metadata: { name: 'n' } })
  const going = await s.send<ConfigMap & { status: object }>('DELETE', '/api/v1/namespaces/n')
  expect(going.status).toMatchObject({ phase: 'Terminating' })
  const late = await s.refused('POST', '/api/v1/namespaces/n/configmaps', { metadata: { name: 'a' } })
  expect(late.message).toBe(
    'configmaps "a" is forbidden: unable to create new content in namespace n because it is being terminated',
  )
  expect(late.status.details?.causes).toMatchObject([{ reason: 'NamespaceTerminating' }])
  await s.send('PUT', '/api/v1/namespaces/n/finalize', { ...going, spec: { finalizers: [] } })
  expect((await s.refused('GET', '/api/v1/namespaces/n')).code).toBe(404)
})

test('every write is in the journal', async () => {
  await using s = await start()
  await s.send('POST', maps, { metadata: { name: 'a' } })
  const [revision] = await s.store.history('//configmaps/default/a')
  expect(revision?.journal).toMatchObject({
    user: 'admin',
    agent: 'test',
    verb: 'create',
    resource: 'configmaps',
    namespace: 'default',
    name: 'a',
  })
  expect(revision?.journal?.auditId).toMatch(/^[0-9a-f-]{36}$/)
})

test('only finalize changes the finalizers of a namespace, and to proper names only', async () => {
  await using s = await start()
  const made = await s.send<Namespace>('POST', '/api/v1/namespaces', { metadata: { name: 'shop' } })
  const finalize = '/api/v1/namespaces/shop/finalize'
  const wrong = await s.refused('PUT', finalize, { ...made, spec: { finalizers: ['not a name'] } })
  expect(wrong.status).toMatchObject({ code: 422, details: { causes: [{ field: 'spec.finalizers[0]' }, {}] } })
  const done = await s.send<Namespace>('PUT', finalize, { ...made, spec: { finalizers: ['example.com/last'] } })
  expect(done.spec?.finalizers).toEqual(['example.com/last'])
})

test('PUT creates the kinds that upstream creates so, and no others', async () => {
  await using s = await start()
  const leases = '/apis/coordination.k8s.io/v1/namespaces/default/leases'
  const made = await s.send<ConfigMap>('PUT', `${leases}/a`, { metadata: { name: 'a', resourceVersion: '7' } })
  expect(await s.send('GET', `${leases}/a`)).toEqual(made)
  expect((await s.send<ConfigMap>('PUT', `${leases}/a`, made)).metadata.uid).toBe(made.metadata.uid)
  const ports = [{ port: 80 }]
  await s.send('PUT', '/api/v1/namespaces/default/services/web', { metadata: { name: 'web' }, spec: { ports } })
  await s.send('PUT', '/api/v1/namespaces/default/endpoints/web', { metadata: { name: 'web' } })
  expect((await s.refused('PUT', `${leases}/b`, { metadata: { name: 'b', uid: 'x' } })).code).toBe(409)
  expect((await s.refused('PUT', `${maps}/a`, { metadata: { name: 'a' } })).code).toBe(404)
  expect((await s.refused('PUT', `${leases}/b`, {})).message).toBe(
    'the name of the object (b based on URL) was undeterminable: name must be provided',
  )
})

test('a Lease is only replaced by who names the revision; other kinds are by anyone', async () => {
  await using s = await start()
  const leases = '/apis/coordination.k8s.io/v1/namespaces/default/leases'
  await s.send('POST', leases, { metadata: { name: 'a' } })
  const refused = await s.refused('PUT', `${leases}/a`, { metadata: { name: 'a' } })
  expect(refused.status).toMatchObject({
    code: 422,
    reason: 'Invalid',
    message:
      'leases.coordination.k8s.io "a" is invalid: metadata.resourceVersion: Invalid value: 0x0: must be specified for an update',
    details: { name: 'a', group: 'coordination.k8s.io', kind: 'leases' },
  })
  expect((await s.refused('PUT', `${leases}/a`, { metadata: { name: 'b' } })).message).toBe(
    'the name of the object (b) does not match the name on the URL (a)',
  )
  expect((await s.refused('PUT', `${leases}/a`, { metadata: { name: 'a', namespace: 'b' } })).message).toBe(
    'the namespace of the provided object does not match the namespace sent on the request',
  )
  const headers = { 'content-type': 'application/merge-patch+json' }
  await s.send('PATCH', `${leases}/a`, { spec: { holderIdentity: 'me' } }, { headers })
  await s.send('POST', maps, { metadata: { name: 'a' } })
  await s.send('PUT', `${maps}/a`, { metadata: { name: 'a' }, data: { k: 'v' } })
})

test('owner references that stand twice are dropped, and emptied metadata is not there', async () => {
  await using s = await start()
  const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'x', uid: '1' }
  const made = await s.send<ConfigMap>('POST', maps, {
    metadata: { name: 'a', labels: { a: 'b' }, ownerReferences: [owner, owner, { ...owner, uid: '2' }] },
  })
  expect(made.metadata.ownerReferences?.map(({ uid }) => uid)).toEqual(['1', '2'])
  const headers = { 'content-type': 'application/merge-patch+json' }
  const patched = await s.send<ConfigMap>('PATCH', `${maps}/a`, { metadata: { labels: { a: null } } }, { headers })
  expect(patched.metadata).not.toHaveProperty('labels')
})

test('what the URL does not name is refused before it is looked for', async () => {
  await using s = await start()
  expect((await s.refused('PUT', `${maps}/none`, { metadata: { name: 'a' } })).message).toBe(
    'the name of the object (a) does not match the name on the URL (none)',
  )
})

test('a method without a route', async () => {
  await using s = await start()
  expect((await s.refused('PUT', maps, { metadata: { name: 'a' } })).status).toEqual({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: 'the server does not allow this method on the requested resource',
    reason: 'MethodNotAllowed',
    details: {},
    code: 405,
  })
})

test('a deletion answers with the object or with a Status, by the kind', async () => {
  await using s = await start()
  const classes = '/apis/storage.k8s.io/v1/storageclasses'
  await s.send('POST', classes, { metadata: { name: 'a' }, provisioner: 'x.example/y' })
  expect(await s.send('DELETE', `${classes}/a`)).toMatchObject({ kind: 'StorageClass', provisioner: 'x.example/y' })
  await s.send('POST', maps, { metadata: { name: 'a' } })
  expect(await s.send('DELETE', `${maps}/a`)).toMatchObject({ kind: 'Status', details: { name: 'a' } })
})

test('an Event has no dependents to wait for or to leave', async () => {
  await using s = await start()
  const events = '/api/v1/namespaces/default/events'
  for (const propagationPolicy of ['Orphan', 'Foreground']) {
    await s.send('POST', events, { metadata: { name: 'a' }, involvedObject: { namespace: 'default' } })
    expect(await s.send('DELETE', `${events}/a`, { propagationPolicy })).toMatchObject({ kind: 'Status' })
  }
})
