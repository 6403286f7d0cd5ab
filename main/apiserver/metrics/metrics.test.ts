import { describe, expect, it } from 'vitest'
import { startServer, type TestServer } from '../testing/start-server.ts'

const scrape = async ({ server }: TestServer): Promise<string[]> => {
  const response = await server.handle({
    method: 'GET',
    path: '/metrics',
    query: new URLSearchParams(),
    headers: {},
    user: { name: 'admin', groups: ['system:masters'] },
    body: { value: undefined },
    signal: new AbortController().signal,
    upgrade: false,
  })
  if (!('body' in response)) throw new Error('no body')
  expect(response).toMatchObject({ status: 200, headers: { 'content-type': expect.stringMatching(/^text\/plain/) } })
  return Buffer.concat(response.body.chunks()).toString().split('\n')
}

/** The value of the one series of a metric that has these labels. */
function valueOf(lines: string[], name: string, labels: Record<string, string>): number | undefined {
  const found = lines.filter(
    line =>
      line.startsWith(`${name}{`) && Object.entries(labels).every(([key, value]) => line.includes(`${key}="${value}"`)),
  )
  expect(found.length).toBeLessThan(2)
  return found[0] === undefined ? undefined : Number(found[0].split(' ').at(-1))
}

const place = '/api/v1/namespaces/default/configmaps'

describe('GET /metrics', () => {
  it('shares the places for requests among the priority levels', async () => {
    await using test = await startServer()
    const seats = (lines: string[], priority_level: string) =>
      valueOf(lines, 'apiserver_flowcontrol_nominal_limit_seats', { priority_level })
    const lines = await scrape(test)
    // 20 and 40 of the 245 shares of upstream's levels, of 600 places.
    expect([seats(lines, 'global-default'), seats(lines, 'workload-high')]).toEqual([49, 98])
    expect(seats(lines, 'exempt')).toBe(0)
    const limited = { nominalConcurrencyShares: 245, limitResponse: { type: 'Reject' } }
    const path = '/apis/flowcontrol.apiserver.k8s.io/v1/prioritylevelconfigurations'
    await test.send('POST', path, { metadata: { name: 'mine' }, spec: { type: 'Limited', limited } })
    expect(seats(await scrape(test), 'mine')).toBe(300)
  })

  it('counts requests by what was asked for and how it was answered', async () => {
    await using test = await startServer()
    await test.send('POST', place, { metadata: { name: 'a' } })
    await test.send('GET', `${place}/a`)
    await test.send('GET', `${place}/a`)
    await test.refused('GET', `${place}/b`)
    await test.send('GET', place)
    const lines = await scrape(test)
    const configMaps = { group: '', version: 'v1', resource: 'configmaps', subresource: '', component: 'apiserver' }
    const total = (labels: Record<string, string>) =>
      valueOf(lines, 'apiserver_request_total', { ...configMaps, ...labels })
    expect(total({ verb: 'POST', scope: 'resource', code: '201' })).toBe(1)
    expect(total({ verb: 'GET', scope: 'resource', code: '200' })).toBe(2)
    expect(total({ verb: 'GET', scope: 'resource', code: '404' })).toBe(1)
    expect(total({ verb: 'LIST', scope: 'namespace', code: '200' })).toBe(1)
    const durations = { ...configMaps, verb: 'GET', scope: 'resource' }
    expect(lines).toContain('# TYPE apiserver_request_duration_seconds histogram')
    expect(valueOf(lines, 'apiserver_request_duration_seconds_count', durations)).toBe(3)
    expect(valueOf(lines, 'apiserver_request_duration_seconds_bucket', { ...durations, le: '+Inf' })).toBe(3)
    expect(valueOf(lines, 'apiserver_resource_objects', { group: '', resource: 'configmaps' })).toBeGreaterThan(0)
  })

  it('makes no labels of what clients invent', async () => {
    await using test = await startServer()
    for (const name of ['one', 'two']) {
      await test.refused('GET', `/apis/invented-${name}/v1/things`)
      await test.refused('GET', `/invented-${name}`)
    }
    const lines = await scrape(test)
    expect(lines.filter(line => line.includes('invented'))).toEqual([])
    expect(valueOf(lines, 'apiserver_request_total', { verb: 'other', code: '404' })).toBe(4)
  })

  it('counts watches while they go on', async () => {
    await using test = await startServer()
    const running = async () =>
      valueOf(await scrape(test), 'apiserver_longrunning_requests', { verb: 'WATCH', resource: 'configmaps' })
    await test.send('POST', place, { metadata: { name: 'a' } })
    const query = { watch: 'true', fieldSelector: 'metadata.name=a' }
    for await (const event of test.admin.watch({ method: 'GET', path: place, query })) {
      expect(event.type).toBe('ADDED')
      expect(await running()).toBe(1)
      break
    }
    expect(await running()).toBeUndefined()
  })
})
