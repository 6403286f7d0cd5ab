import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { applyJsonPatch } from './json-patch.ts'
import { applyMergePatch } from './merge-patch.ts'
import { StatusError } from './status.ts'

describe('a JSON patch', () => {
  test.each([
    [{ a: 1 }, [{ op: 'add', path: '/b', value: 2 }], { a: 1, b: 2 }],
    [{ a: [1, 3] }, [{ op: 'add', path: '/a/1', value: 2 }], { a: [1, 2, 3] }],
    [{ a: [1] }, [{ op: 'add', path: '/a/-', value: 2 }], { a: [1, 2] }],
    [{ a: [1, 2] }, [{ op: 'remove', path: '/a/0' }], { a: [2] }],
    [{ a: [1, 2] }, [{ op: 'remove', path: '/a/-1' }], { a: [1] }],
    [{ a: 1 }, [{ op: 'replace', path: '/a', value: 2 }], { a: 2 }],
    [{}, [{ op: 'replace', path: '/a', value: 2 }], { a: 2 }],
    [{ a: 1 }, [{ op: 'replace', path: '', value: { b: 1 } }], { b: 1 }],
    [{ a: { b: 1 } }, [{ op: 'move', from: '/a/b', path: '/c' }], { a: {}, c: 1 }],
    [{ a: { b: 1 } }, [{ op: 'copy', from: '/a', path: '/c' }], { a: { b: 1 }, c: { b: 1 } }],
    [
      { 'a/b': 1, 'm~n': 2 },
      [
        { op: 'remove', path: '/a~1b' },
        { op: 'remove', path: '/m~0n' },
      ],
      {},
    ],
    [{ a: [{ b: 1 }] }, [{ op: 'test', path: '/a', value: [{ b: 1 }] }], { a: [{ b: 1 }] }],
    [{}, [{ op: 'test', path: '/a', value: null }], {}],
  ])('%j with %j', (document, patch, expected) => {
    expect(applyJsonPatch(document, patch)).toEqual(expected)
  })

  test.each([
    [[{ op: 'remove', path: '/x' }]],
    [[{ op: 'add', path: '/x/y', value: 1 }]],
    [[{ op: 'add', path: '/list/5', value: 1 }]],
    [[{ op: 'replace', path: '/list/1', value: 1 }]],
    [[{ op: 'add', path: '/list/x', value: 1 }]],
    [[{ op: 'test', path: '/a', value: 2 }]],
    [[{ op: 'frob', path: '/a' }]],
    [[{ op: 'move', path: '/a' }]],
    [[{ op: 'add', value: 1 }]],
  ])("%j does not apply, and the answer is upstream's", patch => {
    expect(thrown(() => applyJsonPatch({ a: 1, list: [0] }, patch)).status).toEqual({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: 'the server rejected our request due to an error in our request',
      reason: 'Invalid',
      details: {},
      code: 422,
    })
  })

  test.each(['copy', 'move'])('can not nest without end by %s', op => {
    const deeper = Array.from({ length: 2000 }, () =>
      op === 'copy'
        ? [
            { op, from: '/a', path: '/b' },
            { op: 'add', path: '/a', value: {} },
            { op: 'move', from: '/b', path: '/a/b' },
          ]
        : [
            { op, from: '/a', path: '/b' },
            { op: 'add', path: '/a', value: {} },
            { op, from: '/b', path: '/a/b' },
          ],
    ).flat()
    expect(thrown(() => applyJsonPatch({ a: {} }, deeper)).code).toBe(422)
  })

  test('must be a list', () => {
    expect(thrown(() => applyJsonPatch({}, {}))).toMatchObject({
      code: 400,
      message: 'json: cannot unmarshal object into Go value of type jsonpatch.Patch',
    })
  })

  test('has at most 10,000 operations', () => {
    const patch = Array.from({ length: 10_001 }, () => ({ op: 'test', path: '', value: {} }))
    expect(thrown(() => applyJsonPatch({}, patch))).toMatchObject({
      code: 413,
      message: 'The allowed maximum operations in a JSON patch is 10000, got 10001',
    })
  })

  test('leaves the original alone', () => {
    const original = { a: { b: [1] } }
    applyJsonPatch(original, [{ op: 'add', path: '/a/b/0', value: 0 }])
    expect(original).toEqual({ a: { b: [1] } })
  })

  test('can not reach the prototype', () => {
    applyJsonPatch({}, [{ op: 'add', path: '/__proto__', value: { polluted: true } }])
    expect(thrown(() => applyJsonPatch({}, [{ op: 'add', path: '/__proto__/polluted', value: true }])).code).toBe(422)
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
  })
})

function thrown(act: () => unknown): StatusError {
  try {
    act()
  } catch (e) {
    if (e instanceof StatusError) return e
    throw e
  }
  throw new Error('nothing was thrown')
}

describe('a merge patch', () => {
  // RFC 7386, appendix A, as far as the target is an object.
  test.each([
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
    [{ a: 'b' }, { a: null }, {}],
    [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
    [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ])('%j with %j', (document, patch, expected) => {
    expect(applyMergePatch(document, patch)).toEqual(expected)
  })

  test('must be an object', () => {
    expect(thrown(() => applyMergePatch({}, []))).toMatchObject({ code: 400, message: 'Invalid JSON Patch' })
  })

  test('applied twice is applied once', () => {
    const json = fc.object({ maxDepth: 3, withNullPrototype: false })
    fc.assert(
      fc.property(json, json, (document, patch) => {
        const once = applyMergePatch(document, patch)
        expect(applyMergePatch(once, patch)).toEqual(once)
      }),
    )
  })
})
