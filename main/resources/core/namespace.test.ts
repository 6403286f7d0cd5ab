import { expect, it } from 'vitest'
import type { Namespace } from '../../../shared/api/core.ts'
import type { StrategyContext } from '../resource.ts'
import { namespace, validateFinalize } from './namespace.ts'

const context: StrategyContext = { now: 0, random: () => 0, user: 'jane', warn() {} }
const made = (spec?: Namespace['spec']): Namespace => ({ metadata: { name: 'shop', uid: 'u' }, ...(spec && { spec }) })

it('is held by a finalizer from the start', () => {
  const object = made()
  namespace.prepareForCreate?.(object, context)
  expect(object).toEqual({
    metadata: { name: 'shop', uid: 'u', labels: { 'kubernetes.io/metadata.name': 'shop' } },
    spec: { finalizers: ['kubernetes'] },
    status: { phase: 'Active' },
  })
})

it('keeps its finalizers but through /finalize', () => {
  const object = made({ finalizers: [] })
  namespace.prepareForUpdate?.(object, made({ finalizers: ['kubernetes'] }), context)
  expect(object.spec).toEqual({ finalizers: ['kubernetes'] })
})

it('takes only finalizers whose owner is known', () => {
  expect(validateFinalize(made({ finalizers: ['kubernetes', 'example.com/keep'] }))).toEqual([])
  expect(validateFinalize(made({ finalizers: ['mine'] }))).toEqual([
    {
      field: 'spec.finalizers[0]',
      reason: 'FieldValueInvalid',
      message: 'Invalid value: "mine": name is neither a standard finalizer name nor is it fully qualified',
    },
  ])
})
