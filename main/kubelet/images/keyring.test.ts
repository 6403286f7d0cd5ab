import { describe, expect, it } from 'vitest'
import type { Secret } from '../../../shared/api/core.ts'
import { credentialsFor } from './keyring.ts'

const base64 = (text: string) => Buffer.from(text).toString('base64')

function secretOf(name: string, type: string, data: Record<string, unknown>): Secret {
  const values = Object.entries(data).map(([key, value]) => [key, base64(JSON.stringify(value))])
  return { metadata: { namespace: 'default', name, uid: name }, type, data: Object.fromEntries(values) }
}
const docker = (auths: Record<string, unknown>, name = 's') =>
  secretOf(name, 'kubernetes.io/dockerconfigjson', { '.dockerconfigjson': { auths } })
const login = (username: string, password = 'secret') => ({ username, password })
const users = (secrets: Secret[], repository: string) =>
  credentialsFor(secrets, repository).map(({ username }) => username)

describe('credentials for a registry', () => {
  it('come from Secrets of either kind, in either form', () => {
    const secrets = [
      docker({ 'https://index.docker.io/v1/': { ...login('not-me'), auth: base64('me:pa:ss') } }),
      secretOf('old', 'kubernetes.io/dockercfg', { '.dockercfg': { 'ghcr.io': login('you', 'word') } }),
    ]
    const [mine] = credentialsFor(secrets, 'docker.io/library/nginx')
    expect(mine).toMatchObject({ username: 'me', password: 'pa:ss', secret: { name: 's', namespace: 'default' } })
    expect(credentialsFor(secrets, 'ghcr.io/a/b')).toMatchObject([{ username: 'you', password: 'word' }])
    expect(credentialsFor(secrets, 'quay.io/a/b')).toEqual([])
  })

  it('do not come from a Secret of another type', () => {
    const data = { '.dockerconfigjson': { auths: { 'ghcr.io': login('me') } } }
    expect(users([secretOf('opaque', 'Opaque', data)], 'ghcr.io/a')).toEqual([])
  })

  it.each([
    ['*.example.com', 'eu.example.com/app', true],
    ['*.example.com', 'example.com/app', false],
    ['*.example.com', 'a.b.example.com/app', false],
    ['reg*.example.com', 'registry.example.com/app', true],
    ['a*b*b*c.com', 'a-b-c.com/app', false],
    ['a*b*b*c.com', 'a-bb-c.com/app', true],
    ['ab*ba.com', 'aba.com/app', false],
    ['example.com:5000', 'example.com:5000/app', true],
    ['example.com', 'example.com:5000/app', false],
    ['example.com:5000', 'example.com/app', false],
    ['https://example.com/v2/', 'example.com/app', true],
    ['http://example.com/team', 'example.com/team/app', true],
    ['example.com/team', 'example.com/other/app', false],
    ['exampleXcom', 'example.com/app', false],
    ['docker.io', 'docker.io/library/nginx', true],
    ['index.docker.io', 'docker.io/me/app', true],
    ['index.docker.io', 'example.com/app', false],
  ])('%s is for %s: %s', (location, repository, fits) => {
    expect(users([docker({ [location]: login('me') })], repository)).toEqual(fits ? ['me'] : [])
  })

  it('are found in good time, whatever a Secret has for a registry', () => {
    const hostile = [`${'*a'.repeat(40)}b.com`, `example.com${'/'.repeat(500_000)}\n`]
    expect(
      users(
        hostile.map(location => docker({ [location]: login('me') })),
        `${'a'.repeat(80)}.com/app`,
      ),
    ).toEqual([])
  })

  it('are all told, those of the longest path first and those of one place in the order of their Secrets', () => {
    const secrets = [
      docker({ 'example.com': login('first'), 'example.com/team': login('team') }),
      docker({ 'example.com': login('second') }, 't'),
    ]
    expect(users(secrets, 'example.com/team/app')).toEqual(['team', 'first', 'second'])
  })

  it('are known again by what they say, not by where they are', () => {
    const [one, two, other] = [login('me'), login('me'), login('me', 'changed')].map(
      (entry, index) => credentialsFor([docker({ 'ghcr.io': entry }, `s${index}`)], 'ghcr.io/a')[0]?.hash,
    )
    expect(one).toBe(two)
    expect(one).not.toBe(other)
  })

  it('can not be read of what is none', () => {
    const message = 'unable to parse auth field, must be formatted as base64(username:password)'
    expect(() => credentialsFor([docker({ 'ghcr.io': { auth: base64('me') } })], 'ghcr.io/a')).toThrow(message)
    expect(() => credentialsFor([docker({ 'ghcr.io': { auth: 4711 } })], 'ghcr.io/a')).toThrow(/^((?!4711).)*$/)
    expect(users([docker({ 'ghcr.io': null })], 'ghcr.io/a')).toEqual([''])
  })
})
