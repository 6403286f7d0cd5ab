import { createLocalJWKSet, jwtVerify, type JSONWebKeySet } from 'jose'
import { expect, test } from 'vitest'
import { reconcilePolicy } from '../authz/bootstrap/reconcile-policy.ts'
import { startServer } from '../testing/start-server.ts'

interface Configuration {
  issuer: string
  jwks_uri: string
}

test('others can check a token by what the server publishes, and accounts may read it', async () => {
  await using s = await startServer()
  await reconcilePolicy(s.admin)
  const accounts = '/api/v1/namespaces/default/serviceaccounts'
  await s.send('POST', accounts, { metadata: { name: 'bot' } })
  const account = s.server.transport({
    name: 'system:serviceaccount:default:bot',
    groups: ['system:serviceaccounts', 'system:authenticated'],
  })
  const get = <T>(path: string) => account.request<T>({ method: 'GET', path })
  const { issuer, jwks_uri } = await get<Configuration>('/.well-known/openid-configuration')
  const keys = createLocalJWKSet(await get<JSONWebKeySet>(new URL(jwks_uri).pathname))
  const { status } = await s.send<{ status: { token: string } }>('POST', `${accounts}/bot/token`, {
    spec: { audiences: ['vault'] },
  })
  const { payload } = await jwtVerify(status.token, keys, { issuer, audience: 'vault' })
  expect(payload.sub).toBe('system:serviceaccount:default:bot')

  const jane = s.server.transport({ name: 'jane', groups: ['system:authenticated'] })
  await expect(jane.request({ method: 'GET', path: '/openid/v1/jwks' })).rejects.toThrow('cannot get path')
})
