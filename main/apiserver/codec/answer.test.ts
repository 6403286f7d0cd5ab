import { expect, test } from 'vitest'
import type { KubeObject } from '../../../shared/api/object.ts'
import type { Body, ServerRequest } from '../request.ts'
import type { Resource } from '../../resources/resource.ts'
import { answerList } from './answer.ts'

const resource = {
  ref: { group: '', version: 'v1', resource: 'things', kind: 'Thing' },
  columns: [{ name: 'Name', type: 'string', cell: ({ metadata }: KubeObject) => metadata.name }],
} as unknown as Resource

/** A list of so many objects of 1 kB. */
function bodyOf(count: number, accept = ''): Body {
  const entries = Array.from({ length: count }, (_, i) => {
    const object: KubeObject & { data: string } = { metadata: { name: `n${i}`, uid: `${i}` }, data: 'x'.repeat(1000) }
    return { object, bytes: Buffer.from(JSON.stringify(object)) }
  })
  const request = { headers: { accept }, query: new URLSearchParams() } as unknown as ServerRequest
  const answer = answerList({ request, resource, entries, metadata: { resourceVersion: '7' }, now: 0 })
  if (!('body' in answer)) throw new Error('no body')
  return answer.body
}

test.each([0, 1, 2, 1000])('a list of %i comes in pieces that make up its value and are as long as they say', count => {
  const body = bodyOf(count)
  const { size = 0, chunks = [] } = body.pieces?.() ?? {}
  const pieces = [...chunks]
  expect(Buffer.concat(pieces).byteLength).toBe(size)
  expect(JSON.parse(Buffer.concat(pieces).toString())).toEqual(body.value())
  expect(Math.max(...pieces.map(piece => piece.byteLength))).toBeLessThan(300_000)
})

test.each(['Table', 'PartialObjectMetadataList'])('a long %s comes in pieces that make up its value', as => {
  const accept = `application/json;as=${as};v=v1;g=meta.k8s.io`
  expect(bodyOf(200, accept).pieces).toBeUndefined()
  for (const count of [201, 400, 1001]) {
    const body = bodyOf(count, accept)
    const pieces = [...(body.pieces?.().chunks ?? [])]
    expect(pieces.length).toBeGreaterThan(2)
    expect(JSON.parse(Buffer.concat(pieces).toString())).toEqual(body.value())
    expect(Object.values(body.value() as object).at(-1)).toHaveLength(count)
  }
})
