import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../shared/api/object.ts'
import type { Client } from '../shared/client/client.ts'
import { findDependents } from './dependents.ts'
import type { Kind } from './live/discovery.ts'

const kind = (resource: string, name: string, namespaced = true): Kind => ({
  ref: { group: '', version: 'v1', resource, kind: name, namespaced },
  shortNames: [],
  categories: [],
  verbs: ['list', 'delete'],
  subresources: [],
})
const kinds = [
  kind('pods', 'Pod'),
  kind('replicasets', 'ReplicaSet'),
  kind('events', 'Event'),
  kind('namespaces', 'Namespace', false),
]
const object = (name: string, owner?: string): KubeObject => ({
  metadata: {
    name,
    namespace: 'shop',
    uid: name,
    ...(owner && { ownerReferences: [{ uid: owner, name: owner, kind: 'X', apiVersion: 'v1' }] }),
  },
})
const stored: Record<string, KubeObject[]> = {
  // The pods come before what owns them.
  pods: [object('p1', 'rs1'), object('p2', 'rs1'), object('other')],
  replicasets: [object('rs1', 'deploy')],
  events: [object('e1', 'deploy')],
}
const client = {
  list: async (ref: { resource: string }) => ({
    metadata: { resourceVersion: '1' },
    items: stored[ref.resource] ?? [],
  }),
} as Partial<Client> as Client
const counts = async (of: Kind, ...objects: KubeObject[]) =>
  (await findDependents(client, kinds, of, objects)).map(d => [d.kind.ref.kind, d.count])

describe('findDependents', () => {
  it('finds what an object owns, and what that owns', async () => {
    expect(await counts(kind('deployments', 'Deployment'), object('deploy'))).toEqual([
      ['Pod', 2],
      ['ReplicaSet', 1],
    ])
  })
  it('finds everything in a namespace', async () => {
    expect(await counts(kinds[3]!, { metadata: { name: 'shop', uid: 'ns' } })).toEqual([
      ['Pod', 3],
      ['ReplicaSet', 1],
    ])
  })
  it('finds nothing under what owns nothing', async () => {
    expect(await counts(kinds[0]!, object('other'))).toEqual([])
  })
})
