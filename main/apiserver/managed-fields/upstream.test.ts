import { readFileSync } from 'node:fs'
import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { systemClock } from '../../../shared/machinery/clock.ts'
import type { ManagedFieldsEntry } from '../../../shared/machinery/managed-fields/managers.ts'
import { startServer, type TestServer } from '../testing/start-server.ts'

/** A request that a real kube-apiserver v1.36.0 was sent, and what it answered. */
interface Case {
  method: string
  path: string
  type?: string
  agent?: string
  body?: unknown
  status: number
  message?: string
  /** With whether there is a time for the time. */
  managedFields?: ManagedFieldsEntry[]
  data?: Record<string, string>
  containers?: string[]
  replicas?: number
  generation?: number
}

interface Answer {
  message?: string
  metadata: { managedFields?: ManagedFieldsEntry[]; generation?: number }
  data?: Record<string, string>
  spec?: { replicas?: number; template?: { spec: { containers: { name: string; image: string }[] } } }
}

const file = new URL('testdata/upstream.jsonl', import.meta.url)
const cases = readFileSync(file, 'utf8')
  .trim()
  .split('\n')
  .map(line => JSON.parse(line) as Case)

/** Entries of the same time are in the order of their managers, others were not written in the same second. */
const inOrder = (entries: ManagedFieldsEntry[]) => entries.toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1))

const nameOf = ({ operation, manager, apiVersion, subresource }: ManagedFieldsEntry) =>
  JSON.stringify([operation, manager, apiVersion, subresource])

async function ask({ server }: TestServer, { method, path, body, ...given }: Case): Promise<Case> {
  const { type = 'application/json', agent = 'tester/1' } = given
  const url = new URL(path, 'https://localhost')
  const bytes = Buffer.from(body === undefined ? '' : JSON.stringify(body))
  const response = await server.handle({
    method,
    path: url.pathname,
    query: url.searchParams,
    headers: { 'content-type': type, 'user-agent': agent },
    user: { name: 'admin', groups: ['system:masters', 'system:authenticated'] },
    body: { read: () => Promise.resolve(bytes), stream: Readable.from([bytes]) },
    signal: new AbortController().signal,
    upgrade: false,
  })
  if (!('body' in response)) throw new Error('no body')
  const answer = response.body.value() as Answer
  const { managedFields, generation } = answer.metadata
  const timed = managedFields?.map(entry => ({ ...entry, time: String(entry.time !== undefined) }))
  const containers = answer.spec?.template?.spec.containers.map(({ name, image }) => `${name} ${image}`)
  return JSON.parse(
    JSON.stringify({
      status: response.status,
      message: answer.message,
      managedFields: timed && inOrder(timed),
      data: answer.data,
      containers,
      replicas: answer.spec?.replicas,
      generation,
    }),
  ) as Case
}

test('managed fields, conflicts and refusals are those of upstream, in the same order', async () => {
  // Who is older matters: here nobody is.
  const now = Date.now()
  await using s = await startServer({ clock: { ...systemClock, now: () => now } })
  await s.send('POST', '/api/v1/namespaces', { metadata: { name: 'golden' } })
  await s.send('POST', '/api/v1/namespaces/golden/serviceaccounts', { metadata: { name: 'default' } })
  expect(cases.length).toBeGreaterThan(50)
  for (const { method, path, type, agent, body, ...expected } of cases) {
    const request = { method, path, ...(type && { type }), ...(agent && { agent }), body }
    const answer = await ask(s, { ...request, status: 0 })
    expect(answer, `${method} ${path} ${JSON.stringify(body)}`).toEqual({
      ...expected,
      ...(expected.managedFields && { managedFields: inOrder(expected.managedFields) }),
    })
    // A change of a Scale puts upstream's keys in the order of their texts, numbers too.
    if (path.includes('/deployments/d')) continue
    const [order, wanted] = [answer.managedFields, expected.managedFields].map(fields =>
      JSON.stringify(inOrder(fields ?? []).map(({ fieldsV1 }) => fieldsV1)),
    )
    expect(order, `order after ${method} ${path}`).toBe(wanted)
  }
})
