import fc from 'fast-check'
import { expect, test } from 'vitest'
import { StatusError } from '../../../shared/machinery/status.ts'
import { startServer } from '../testing/start-server.ts'

const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'

const text = fc.constantFrom('', 'a', 'metadata', 'name', '__proto__', 'string', 'object', '.spec', '(', '\u0000', 'ü')
const type = fc.constantFrom('object', 'array', 'string', 'integer', 'number', 'boolean', 'null', '', 'odd')
const flag = fc.constantFrom(true, false, undefined)

/** Schemas of any form, near enough to good ones to get past the first checks. */
function schemaOf(levels: number): fc.Arbitrary<object> {
  const below = levels === 0 ? fc.constant({ type: 'string' }) : schemaOf(levels - 1)
  const some = fc.array(below, { maxLength: 2 })
  return fc.record(
    {
      type,
      format: fc.constantFrom('int32', 'date-time', 'duration', 'email', 'uri', 'hostname', 'cidr', 'odd'),
      properties: fc.dictionary(text, below, { maxKeys: 3 }),
      items: fc.oneof(below, some),
      additionalProperties: fc.oneof(fc.boolean(), below),
      required: fc.array(text, { maxLength: 2 }),
      default: fc.jsonValue({ maxDepth: 2 }),
      enum: fc.array(fc.jsonValue({ maxDepth: 1 }), { maxLength: 2 }),
      pattern: fc.constantFrom('a+', '(', '(?<=a)', '^(a+)+$', '\\p{Nope}'),
      nullable: flag,
      minimum: fc.double(),
      maxLength: fc.integer(),
      allOf: some,
      anyOf: some,
      not: below,
      $ref: text,
      'x-kubernetes-int-or-string': flag,
      'x-kubernetes-preserve-unknown-fields': flag,
      'x-kubernetes-embedded-resource': flag,
      'x-kubernetes-list-type': fc.constantFrom('set', 'map', 'atomic', 'odd'),
      'x-kubernetes-list-map-keys': fc.array(text, { maxLength: 2 }),
      'x-kubernetes-validations': fc.array(fc.record({ rule: fc.constantFrom('self.a == 1', '', 'oldSelf', '((') }), {
        maxLength: 1,
      }),
    },
    { requiredKeys: [] },
  )
}

const column = fc.record({
  name: text,
  type: fc.constantFrom('string', 'date', 'integer'),
  jsonPath: fc.constantFrom('.a[', '.a', '..', '.a[?(@.b==1)]', '.a[-1]'),
})

test('no definition and no object makes the server fail', { timeout: 60_000 }, async () => {
  await using s = await startServer()
  const ask = async (...request: Parameters<typeof s.send>) => {
    try {
      return await s.send<unknown>(...request)
    } catch (error) {
      if (!(error instanceof StatusError) || error.code >= 500) throw error
      return undefined
    }
  }
  let at = 0
  await fc.assert(
    fc.asyncProperty(
      schemaOf(2),
      fc.jsonValue({ maxDepth: 4 }),
      fc.array(column, { maxLength: 2 }),
      fc.jsonValue({ maxDepth: 3 }),
      async (root, value, columns, odd) => {
        const plural = `k${at++}`
        const version = {
          name: 'v1',
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { ...root, type: 'object' } },
          additionalPrinterColumns: columns,
          subresources: { status: {}, scale: { specReplicasPath: '.spec.a', statusReplicasPath: '.status.a' } },
        }
        const names = { plural, kind: plural.toUpperCase() }
        const spec = { group: 'odd.test', scope: 'Cluster', names, versions: [version] }
        const metadata = { name: `${plural}.odd.test` }
        await ask('POST', definitions, { metadata, spec: odd })
        const made = await ask('POST', definitions, { metadata, spec })
        if (made === undefined) return
        const path = `/apis/odd.test/v1/${plural}`
        await ask('POST', path, { kind: names.kind, metadata: { name: 'a' }, ...(value as object) })
        await ask('PATCH', `${path}/a`, value, { headers: { 'content-type': 'application/merge-patch+json' } })
        await ask('GET', path, undefined, { headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' } })
        await ask(
          'PATCH',
          `${path}/a/status`,
          { status: value },
          { headers: { 'content-type': 'application/merge-patch+json' } },
        )
        await ask('DELETE', `${definitions}/${metadata.name}`)
      },
    ),
    { numRuns: 60 },
  )
  expect(await s.send('GET', '/openapi/v2')).toMatchObject({ swagger: '2.0' })
})
