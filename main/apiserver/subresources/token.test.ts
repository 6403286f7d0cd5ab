import { decodeJwt } from 'jose'
import { expect, test } from 'vitest'
import type { ServerRequest } from '../request.ts'
import { systemClock } from '../../../shared/machinery/clock.ts'
import { startServer, type TestServer } from '../testing/start-server.ts'

const accounts = '/api/v1/namespaces/default/serviceaccounts'

interface TokenRequest {
  status: { token: string; expirationTimestamp: string }
}

async function tokenOf(s: TestServer, spec: object): Promise<string> {
  const { status } = await s.send<TokenRequest>('POST', `${accounts}/bot/token`, { spec })
  return status.token
}

/** The message with which a request by token is answered. */
async function says({ server }: TestServer, token: string): Promise<string> {
  const request: ServerRequest = {
    method: 'GET',
    path: '/api/v1/configmaps',
    query: new URLSearchParams(),
    headers: { authorization: `Bearer ${token}` },
    body: { value: undefined },
    signal: new AbortController().signal,
    upgrade: false,
  }
  const response = await server.handle(request)
  return 'body' in response ? (response.body.value() as { message: string }).message : ''
}

async function withAccount(): Promise<TestServer> {
  const s = await startServer()
  await s.send('POST', accounts, { metadata: { name: 'bot' } })
  return s
}

test('a token is its account, for as long as that exists', async () => {
  await using s = await withAccount()
  const token = await tokenOf(s, {})
  expect(decodeJwt(token)).toMatchObject({
    iss: 'https://kubernetes.default.svc.cluster.local',
    aud: ['https://kubernetes.default.svc.cluster.local'],
    sub: 'system:serviceaccount:default:bot',
    'kubernetes.io': { namespace: 'default', serviceaccount: { name: 'bot' } },
  })
  expect(await says(s, token)).toContain('User "system:serviceaccount:default:bot" cannot list resource "configmaps"')
  await s.send('DELETE', `${accounts}/bot`)
  expect(await says(s, token)).toBe('Unauthorized')
  // Another account of the same name is not the same account.
  await s.send('POST', accounts, { metadata: { name: 'bot' } })
  expect(await says(s, token)).toBe('Unauthorized')
})

test('a token ends with the object that it is bound to', async () => {
  await using s = await withAccount()
  await s.send('POST', '/api/v1/namespaces/default/secrets', { metadata: { name: 'x' } })
  const token = await tokenOf(s, { boundObjectRef: { kind: 'Secret', apiVersion: 'v1', name: 'x' } })
  expect(await says(s, token)).toContain('system:serviceaccount:default:bot')
  await s.send('DELETE', '/api/v1/namespaces/default/secrets/x')
  expect(await says(s, token)).toBe('Unauthorized')
})

test('a token for others or with a broken signature is no good here', async () => {
  await using s = await withAccount()
  expect(await says(s, await tokenOf(s, { audiences: ['vault'] }))).toBe('Unauthorized')
  const [head, , signature] = (await tokenOf(s, {})).split('.')
  const payload = Buffer.from('{"sub":"system:serviceaccount:kube-system:root"}').toString('base64url')
  expect(await says(s, `${head!}.${payload}.${signature!}`)).toBe('Unauthorized')
})

test('requests that can not be met are refused', async () => {
  await using s = await withAccount()
  const refused = (spec: object) => s.refused('POST', `${accounts}/bot/token`, { spec })
  expect((await refused({ expirationSeconds: 60 })).message).toContain(
    'may not specify a duration less than 10 minutes',
  )
  expect((await refused({ boundObjectRef: { kind: 'Secret', apiVersion: 'v1', name: 'none' } })).message).toBe(
    'secrets "none" not found',
  )
  expect((await s.refused('POST', `${accounts}/none/token`, { spec: {} })).code).toBe(404)
})

test('a token is not bound to a pod of another account', async () => {
  await using s = await withAccount()
  await s.send('POST', accounts, { metadata: { name: 'default' } })
  const pod = { metadata: { name: 'p' }, spec: { containers: [{ name: 'a', image: 'x' }] } }
  await s.send('POST', '/api/v1/namespaces/default/pods', pod)
  const spec = { boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name: 'p' } }
  expect((await s.refused('POST', `${accounts}/bot/token`, { spec })).message).toBe(
    'cannot bind token for serviceaccount "bot" to pod running with different serviceaccount name.',
  )
  expect(await s.send('POST', `${accounts}/default/token`, { spec })).toMatchObject({ kind: 'TokenRequest' })
})

test('an account that finalizers keep is gone a minute after its deletion', async () => {
  let ahead = 0
  await using s = await startServer({ clock: { ...systemClock, now: () => Date.now() + ahead } })
  await s.send('POST', accounts, { metadata: { name: 'bot', finalizers: ['example.com/kept'] } })
  const token = await tokenOf(s, {})
  await s.send('DELETE', `${accounts}/bot`)
  ahead = 50_000
  expect(await says(s, token)).toContain('system:serviceaccount:default:bot')
  ahead = 70_000
  expect(await says(s, token)).toBe('Unauthorized')
})

test("a pod's token names its node, and outlives the time that pods ask for", async () => {
  await using s = await withAccount()
  await s.send('POST', '/api/v1/nodes', { metadata: { name: 'n1' } })
  const spec = { nodeName: 'n1', serviceAccountName: 'bot', containers: [{ name: 'c', image: 'x' }] }
  await s.send('POST', '/api/v1/namespaces/default/pods', { metadata: { name: 'p' }, spec })
  const boundObjectRef = { kind: 'Pod', apiVersion: 'v1', name: 'p' }
  const { exp = 0, iat = 0, ...claims } = decodeJwt(await tokenOf(s, { boundObjectRef, expirationSeconds: 3607 }))
  expect(exp - iat).toBe(365 * 24 * 3600)
  expect(claims['kubernetes.io']).toMatchObject({ pod: { name: 'p' }, node: { name: 'n1' }, warnafter: iat + 3607 })
  const other = decodeJwt(await tokenOf(s, { boundObjectRef, expirationSeconds: 3600 }))
  expect((other.exp ?? 0) - (other.iat ?? 0)).toBe(3600)
})

test('what a request says of its account must be so', async () => {
  await using s = await withAccount()
  const refusal = async (metadata: object) => (await s.refused('POST', `${accounts}/bot/token`, { metadata })).message
  expect(await refusal({ name: 'other' })).toContain('must match the service account name if specified')
  expect(await refusal({ namespace: 'other' })).toContain('the namespace of the provided object does not match')
  expect(await refusal({ uid: 'other' })).toContain('the UID in the token request (other) does not match the UID')
})
