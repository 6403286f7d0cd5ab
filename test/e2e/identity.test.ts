import { readFileSync, writeFileSync } from 'node:fs'
import { X509Certificate } from 'node:crypto'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { stringify, parse } from 'yaml'
import { certificateRequest } from '../helpers/certificate-request.ts'
import { simulated, useCluster } from '../helpers/cluster.ts'
import { eventually } from '../helpers/eventually.ts'
import { createKubectl, type Kubectl } from '../helpers/kubectl.ts'

interface KubeconfigFile {
  clusters: { cluster: object }[]
  contexts: object[]
}

describe('who may do what, by real kubectl', () => {
  const cluster = useCluster('identity', { flags: simulated })
  const { kubectl } = cluster

  /** kubectl with other credentials for the same cluster. */
  function as(user: object): Kubectl {
    const file = join(cluster.dataDir, `user-${Math.random()}`)
    const { clusters } = parse(readFileSync(cluster.engine.kubeconfig, 'utf8')) as KubeconfigFile
    const context = { cluster: 'c', user: 'u' }
    const config = {
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'x',
      contexts: [{ name: 'x', context }],
      clusters: [{ name: 'c', cluster: clusters[0]?.cluster }],
      users: [{ name: 'u', user }],
    }
    writeFileSync(file, stringify(config))
    return createKubectl(file)
  }

  it('answers auth can-i for oneself and for others', async () => {
    expect(await kubectl.ok(['auth', 'can-i', 'create', 'deployments.apps'])).toBe('yes\n')
    const bob = ['--as', 'bob', '-n', 'default']
    expect((await kubectl.run(['auth', 'can-i', 'list', 'pods', ...bob])).output).toBe('no\n')
    await kubectl.ok(['create', 'rolebinding', 'bob-views', '--clusterrole=view', '--user=bob', '-n', 'default'])
    await eventually(async () => {
      expect(await kubectl.ok(['auth', 'can-i', 'list', 'pods', ...bob])).toBe('yes\n')
    })
    expect((await kubectl.run(['auth', 'can-i', 'list', 'secrets', ...bob])).output).toBe('no\n')
    const list = await kubectl.ok(['auth', 'can-i', '--list', ...bob])
    expect(list).toContain('selfsubjectaccessreviews.authorization.k8s.io')
    expect(list).toMatch(/^pods\s.*\[get list watch\]/m)
    expect((await kubectl.run(['delete', 'pod', 'x', ...bob])).output).toContain(
      'pods "x" is forbidden: User "bob" cannot delete resource "pods" in API group "" in the namespace "default"',
    )
  })

  it('tells who one is, also as another', async () => {
    expect(await kubectl.ok(['auth', 'whoami', '-o', 'jsonpath={.status.userInfo.username}'])).toBe('kubernetes-admin')
    const another = ['--as', 'bob', '--as-group', 'a', '--as-group', 'b', '--as-uid', '7']
    const said = await kubectl.ok(['auth', 'whoami', ...another])
    expect(said).toMatch(/Username\s+bob/)
    expect(said).toMatch(/UID\s+7/)
    expect(said).toMatch(/Groups\s+\[a b system:authenticated\]/)
  })

  it('makes tokens that are their accounts', async () => {
    await kubectl.ok(['create', 'serviceaccount', 'bot'])
    const token = (await kubectl.ok(['create', 'token', 'bot', '--duration', '20m'])).trim()
    const bot = as({ token })
    expect(await bot.ok(['auth', 'whoami', '-o', 'jsonpath={.status.userInfo.username}'])).toBe(
      'system:serviceaccount:default:bot',
    )
    expect((await bot.run(['get', 'pods'])).output).toContain(
      'User "system:serviceaccount:default:bot" cannot list resource "pods"',
    )
    expect(await bot.ok(['get', '--raw', '/.well-known/openid-configuration'])).toContain('jwks_uri')
    const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec: { token } }
    const answer = await kubectl.ok(
      ['create', '-f', '-', '-o', 'jsonpath={.status.authenticated}'],
      JSON.stringify(review),
    )
    expect(answer).toBe('true')
  })

  it('reconciles roles', async () => {
    const role = (verbs: string[]) =>
      stringify({
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'Role',
        metadata: { name: 'reader', namespace: 'default' },
        rules: [{ apiGroups: [''], resources: ['pods'], verbs }],
      })
    expect(await kubectl.ok(['auth', 'reconcile', '-f', '-'], role(['get']))).toContain(
      'role.rbac.authorization.k8s.io/reader reconciled',
    )
    await kubectl.ok(['auth', 'reconcile', '-f', '-'], role(['list']))
    const verbs = await kubectl.ok(['get', 'role', 'reader', '-o', 'jsonpath={.rules[*].verbs[*]}'])
    expect(verbs.split(' ').sort()).toEqual(['get', 'list'])
    const wide = await kubectl.ok(['get', 'clusterrolebindings', 'system:kube-dns', '-o', 'wide'])
    expect(wide).toMatch(/NAME\s+ROLE\s+AGE\s+USERS\s+GROUPS\s+SERVICEACCOUNTS/)
    expect(wide).toContain('kube-system/kube-dns')
    expect(await kubectl.ok(['describe', 'clusterrole', 'view'])).toContain('configmaps')
  })

  it('signs a request that is approved, and its owner may come in by the certificate', async () => {
    const { request, key } = await certificateRequest({ commonName: 'jane', organization: 'devs' })
    const csr = {
      apiVersion: 'certificates.k8s.io/v1',
      kind: 'CertificateSigningRequest',
      metadata: { name: 'jane' },
      spec: {
        request,
        signerName: 'kubernetes.io/kube-apiserver-client',
        usages: ['client auth'],
        expirationSeconds: 3600,
      },
    }
    await kubectl.ok(['create', '-f', '-'], JSON.stringify(csr))
    expect(await kubectl.ok(['get', 'csr', 'jane'])).toMatch(/kubernetes-admin\s+60m\s+Pending/)
    await kubectl.ok(['certificate', 'approve', 'jane'])
    await kubectl.ok(['wait', 'csr/jane', '--for=jsonpath={.status.certificate}', '--timeout=30s'])
    expect(await kubectl.ok(['get', 'csr', 'jane'])).toContain('Approved,Issued')
    const data = await kubectl.ok(['get', 'csr', 'jane', '-o', 'jsonpath={.status.certificate}'])
    expect(new X509Certificate(Buffer.from(data, 'base64')).subject).toBe('O=devs\nCN=jane')
    const jane = as({ 'client-certificate-data': data, 'client-key-data': Buffer.from(key).toString('base64') })
    expect(await jane.ok(['auth', 'whoami'])).toMatch(/Groups\s+\[devs system:authenticated\]/)
    await kubectl.ok(['create', '-f', '-'], JSON.stringify({ ...csr, metadata: { name: 'not' } }))
    await kubectl.ok(['certificate', 'deny', 'not'])
    expect(await kubectl.ok(['get', 'csr', 'not'])).toContain('Denied')
  })
})
