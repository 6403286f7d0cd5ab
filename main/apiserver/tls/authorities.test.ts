import { X509Certificate } from 'node:crypto'
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { parse } from 'yaml'
import { openAuthorities } from './authorities.ts'
import { writeKubeconfig } from './kubeconfig.ts'

const day = 24 * 60 * 60_000
const directories: string[] = []
afterEach(async () => {
  for (const directory of directories.splice(0)) await rm(directory, { recursive: true })
})

async function temporary(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'podbay-pki-'))
  directories.push(directory)
  return directory
}

test('certificates are made once, kept, and readable by their owner alone', async () => {
  const directory = await temporary()
  const now = Date.now()
  const first = await openAuthorities({ directory, names: ['10.96.0.1'], now })
  expect(await openAuthorities({ directory, names: ['10.96.0.1'], now })).toEqual(first)
  for (const file of ['ca.key', 'ca.crt', 'apiserver.key', 'admin.key', 'sa.key']) {
    expect((await stat(join(directory, file))).mode & 0o777).toBe(0o600)
  }
  const serving = new X509Certificate(first.serving.certificate)
  expect(serving.checkIssued(new X509Certificate(first.ca.certificate))).toBe(true)
  for (const name of ['localhost', 'kubernetes.default.svc']) expect(serving.checkHost(name)).toBe(name)
  for (const ip of ['127.0.0.1', '10.96.0.1']) expect(serving.checkIP(ip)).toBe(ip)
  expect(new X509Certificate(first.admin.certificate).subject).toBe('O=system:masters\nCN=kubernetes-admin')
})

test('a certificate near its end, without a name that is needed, or without its key is made again', async () => {
  const directory = await temporary()
  const now = Date.now()
  const first = await openAuthorities({ directory, names: [], now })
  const named = await openAuthorities({ directory, names: ['192.168.7.7'], now })
  expect(named.serving).not.toEqual(first.serving)
  expect(named.admin).toEqual(first.admin)
  expect(named.ca).toEqual(first.ca)

  const later = await openAuthorities({ directory, names: [], now: now + 340 * day })
  expect(later.admin).not.toEqual(first.admin)
  expect(later.ca).toEqual(first.ca)

  await rm(join(directory, 'admin.key'))
  const healed = await openAuthorities({ directory, names: [], now: now + 340 * day })
  expect(healed.admin).not.toEqual(later.admin)
})

test('with a new CA everything that it signs is new', async () => {
  const directory = await temporary()
  const first = await openAuthorities({ directory, names: [], now: Date.now() })
  await rm(join(directory, 'ca.crt'))
  const second = await openAuthorities({ directory, names: [], now: Date.now() })
  const ca = new X509Certificate(second.ca.certificate)
  expect(second.ca).not.toEqual(first.ca)
  for (const pair of [second.serving, second.admin])
    expect(new X509Certificate(pair.certificate).verify(ca.publicKey)).toBe(true)
})

test('the kubeconfig carries all that a client needs', async () => {
  const directory = await temporary()
  const authorities = await openAuthorities({ directory, names: [], now: Date.now() })
  const file = join(directory, 'deep', 'kubeconfig')
  await writeKubeconfig({ file, server: 'https://127.0.0.1:6443', cluster: 'dev', authorities })
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  const config = parse(await readFile(file, 'utf8')) as { users: { user: Record<string, string> }[] }
  expect(config).toMatchObject({
    kind: 'Config',
    'current-context': 'dev',
    clusters: [{ name: 'dev', cluster: { server: 'https://127.0.0.1:6443' } }],
  })
  expect(Buffer.from(config.users[0]!.user['client-key-data']!, 'base64').toString()).toBe(authorities.admin.key)
})
