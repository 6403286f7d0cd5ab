import { describe, expect, it } from 'vitest'
import { ask, startListening } from '../testing/ask.ts'

const spec = { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'i' }] } } }
const jobs = '/apis/batch/v1/namespaces/default/jobs'

describe('Warning headers of strategies', () => {
  const start = async () => {
    const s = await startListening()
    const request = (method: string, path: string, body?: unknown, type = 'application/json') =>
      ask(s, path, { method, headers: { 'content-type': type }, body: JSON.stringify(body ?? {}) })
    return Object.assign(s, { request })
  }

  it('are there when an object is made and when it is changed', async () => {
    await using s = await start()
    const service = { metadata: { name: 's' }, spec: { ports: [{ port: 80 }], trafficDistribution: 'PreferClose' } }
    const path = '/api/v1/namespaces/default/services'
    const warning = '299 - "spec.trafficDistribution: \\"PreferClose\\" is deprecated; use \\"PreferSameZone\\""'
    expect((await s.request('POST', path, service)).headers['warning']).toBe(warning)
    const patch = { metadata: { labels: { a: 'b' } } }
    const changed = await s.request('PATCH', `${path}/s`, patch, 'application/merge-patch+json')
    expect(changed.headers['warning']).toBe(warning)
  })

  it('are none on an answer that refuses the object', async () => {
    await using s = await start()
    const job = { metadata: { name: 'a.b' }, spec: { ...spec, completions: -1 } }
    const refused = await s.request('POST', jobs, job)
    expect(refused.status).toBe(422)
    expect(refused.headers['warning']).toBeUndefined()
  })

  it('tell who deletes a Job that its pods stay', async () => {
    await using s = await start()
    const remove = (query: string) => s.request('DELETE', `${jobs}/j?dryRun=All${query}`)
    await s.request('POST', jobs, { metadata: { name: 'j' }, spec })
    expect((await remove('')).headers['warning']).toContain('child pods are preserved by default when jobs are deleted')
    expect((await remove('&propagationPolicy=Orphan')).headers['warning']).toBeUndefined()
  })
})
