import { expect, test } from 'vitest'
import { secrets, serviceAccounts } from '../../../shared/api/core.ts'
import { clusterRoles } from '../../../shared/api/rbac.ts'
import { startControllers, type TestCluster } from './start-controllers.ts'

const decoded = (value: string | undefined) => Buffer.from(value ?? '', 'base64').toString()

interface Review {
  status: { authenticated?: boolean; user: { username?: string }; error?: string }
}

async function review({ server }: TestCluster, token: string): Promise<Review['status']> {
  const path = '/apis/authentication.k8s.io/v1/tokenreviews'
  return (await server.send<Review>('POST', path, { spec: { token } })).status
}

test('a Secret for the token of an account is filled, and goes with the account', async () => {
  await using cluster = await startControllers()
  const { client, until } = cluster
  await client.create(serviceAccounts, { metadata: { namespace: 'default', name: 'bot' } })
  const annotations = { 'kubernetes.io/service-account.name': 'bot' }
  const type = 'kubernetes.io/service-account-token'
  const key = { namespace: 'default', name: 'bot-token' }
  await client.create(secrets, { metadata: { ...key, annotations }, type })
  await until(secrets, lister => Boolean(lister.get(key)?.data?.['token']))
  const { data = {} } = await client.get(secrets, key)
  expect([decoded(data['ca.crt']), decoded(data['namespace'])]).toEqual(['the CA', 'default'])
  const token = decoded(data['token'])
  expect(await review(cluster, token)).toMatchObject({
    authenticated: true,
    user: { username: 'system:serviceaccount:default:bot' },
  })
  await client.delete(serviceAccounts, { namespace: 'default', name: 'bot' })
  await until(secrets, lister => !lister.get(key))
  expect(await review(cluster, token)).toMatchObject({
    error: expect.stringContaining('invalid bearer token') as string,
  })
})

test('an aggregated role has the rules of those that its selectors find', async () => {
  await using cluster = await startControllers()
  const { client, until } = cluster
  const rule = (resource: string) => ({ apiGroups: [''], resources: [resource], verbs: ['get'] })
  const labels = { gather: 'yes' }
  const role = (name: string, resources: string[]) => ({ metadata: { name, labels }, rules: resources.map(rule) })
  await client.create(clusterRoles, role('b', ['pods', 'nodes']))
  await client.create(clusterRoles, {
    metadata: { name: 'all', labels },
    aggregationRule: { clusterRoleSelectors: [{ matchLabels: labels }] },
  })
  await client.create(clusterRoles, role('a', ['secrets', 'pods']))
  const gathered = (resources: string[]) =>
    until(clusterRoles, lister => {
      const rules = lister.get({ namespace: '', name: 'all' })?.rules ?? []
      return rules.flatMap(({ resources: own = [] }) => own).join() === resources.join()
    })
  await gathered(['secrets', 'pods', 'nodes'])
  await client.delete(clusterRoles, { namespace: '', name: 'a' })
  await gathered(['pods', 'nodes'])
})
