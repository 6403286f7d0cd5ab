import { expect, it } from 'vitest'
import type { KubeObject } from '../../../shared/api/object.ts'
import { ask, startListening } from '../testing/ask.ts'

const group = '/apis/flowcontrol.apiserver.k8s.io/v1'
const flow = { schema: 'x-kubernetes-pf-flowschema-uid', level: 'x-kubernetes-pf-prioritylevel-uid' }

async function start() {
  const s = await startListening()
  const get = (kind: string, name: string) => s.send<KubeObject>('GET', `${group}/${kind}/${name}`)
  return Object.assign(s, {
    /** The uids of a schema and of a level, as the headers of an answer have them. */
    async uids(schema: string, level: string) {
      const [one, other] = await Promise.all([get('flowschemas', schema), get('prioritylevelconfigurations', level)])
      return { schema: one.metadata.uid, level: other.metadata.uid }
    },
    async flow(path: string, headers: Record<string, string> = {}) {
      const answer = await ask(s, path, { headers })
      return { schema: answer.headers[flow.schema], level: answer.headers[flow.level] }
    },
  })
}

const as = (user: string, ...groups: string[]) => ({
  'impersonate-user': user,
  ...(groups[0] && { 'impersonate-group': groups[0] }),
})

it('says in every answer which flow its request belongs to', async () => {
  await using s = await start()
  expect(await s.flow('/api/v1/pods')).toEqual(await s.uids('exempt', 'exempt'))
  const byDefault = await s.uids('global-default', 'global-default')
  // Refused as it is, and found nowhere.
  expect(await s.flow('/api/v1/pods', as('jane', 'system:authenticated'))).toEqual(byDefault)
  expect(await s.flow('/nowhere', as('jane', 'system:authenticated'))).toEqual(byDefault)
  expect(await s.flow('/readyz', as('jane', 'system:authenticated'))).toEqual(await s.uids('probes', 'exempt'))
  const account = as('system:serviceaccount:kube-system:x')
  expect(await s.flow('/api/v1/pods', account)).toEqual(await s.uids('kube-system-service-accounts', 'workload-high'))
  const node = as('system:node:n', 'system:nodes')
  expect(await s.flow('/api/v1/nodes/n', node)).toEqual(await s.uids('system-node-high', 'node-high'))
  expect(await s.flow('/api/v1/pods', node)).toEqual(await s.uids('system-nodes', 'system'))
})

it('follows the schemas that users make, unless their level is missing', async () => {
  await using s = await start()
  const level = {
    metadata: { name: 'mine' },
    spec: { type: 'Limited', limited: { nominalConcurrencyShares: 1, limitResponse: { type: 'Reject' } } },
  }
  const rules = [
    {
      subjects: [{ kind: 'User', user: { name: 'jane' } }],
      resourceRules: [{ verbs: ['list'], apiGroups: [''], resources: ['pods'], namespaces: ['a'] }],
    },
  ]
  const spec = { matchingPrecedence: 50, priorityLevelConfiguration: { name: 'mine' }, rules }
  await s.send('POST', `${group}/flowschemas`, { metadata: { name: 'mine' }, spec })
  const jane = as('jane', 'system:authenticated')
  const byDefault = await s.uids('global-default', 'global-default')
  expect(await s.flow('/api/v1/namespaces/a/pods', jane)).toEqual(byDefault)
  await s.send('POST', `${group}/prioritylevelconfigurations`, level)
  expect(await s.flow('/api/v1/namespaces/a/pods', jane)).toEqual(await s.uids('mine', 'mine'))
  expect(await s.flow('/api/v1/namespaces/b/pods', jane)).toEqual(byDefault)
  expect(await s.flow('/api/v1/pods', jane)).toEqual(byDefault)
  await s.send('DELETE', `${group}/flowschemas/mine`)
  expect(await s.flow('/api/v1/namespaces/a/pods', jane)).toEqual(byDefault)
})
