import { expect, it } from 'vitest'
import type { Secret } from '../../../shared/api/core.ts'
import { secret } from './secret.ts'

const metadata = { name: 'a', namespace: 'default', uid: 'u' }
const encoded = (text: string) => Buffer.from(text).toString('base64')

it('folds stringData into data, where it wins', () => {
  const object: Secret = { metadata, data: { user: encoded('old'), host: encoded('db') }, stringData: { user: 'jané' } }
  secret.setDefaults?.(object)
  expect(object).toEqual({ metadata, type: 'Opaque', data: { user: encoded('jané'), host: encoded('db') } })
})

it('keeps its type', () => {
  const old: Secret = { metadata, type: 'Opaque' }
  expect(secret.validateUpdate?.({ ...old, type: 'example.com/token' }, old)).toEqual([
    { field: 'type', reason: 'FieldValueInvalid', message: 'Invalid value: "example.com/token": field is immutable' },
  ])
})

it('lets nothing change what is immutable', () => {
  const old: Secret = { metadata, type: 'Opaque', immutable: true, data: { a: encoded('1') } }
  const faults = secret.validateUpdate?.({ ...old, immutable: false, data: { a: encoded('2') } }, old)
  expect(faults).toEqual([
    {
      field: 'immutable',
      reason: 'FieldValueForbidden',
      message: 'Forbidden: field is immutable when `immutable` is set',
    },
    { field: 'data', reason: 'FieldValueForbidden', message: 'Forbidden: field is immutable when `immutable` is set' },
  ])
})

it('does not quote what is secret', () => {
  const data = { '.dockerconfigjson': encoded('hunter2') }
  const faults = secret.validate?.({ metadata, type: 'kubernetes.io/dockerconfigjson', data })
  expect(faults).toHaveLength(1)
  expect(JSON.stringify(faults)).not.toContain('hunter2')
})
