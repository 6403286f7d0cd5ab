import { describe, expect, it } from 'vitest'
import * as fault from './field-errors.ts'

describe('field errors', () => {
  it.each([
    [fault.required('spec.a'), 'FieldValueRequired', 'Required value'],
    [fault.required('spec.a', 'say why'), 'FieldValueRequired', 'Required value: say why'],
    [fault.invalid('spec.a', 'x"y', 'no'), 'FieldValueInvalid', String.raw`Invalid value: "x\"y": no`],
    [fault.invalid('spec.a', 5, 'no'), 'FieldValueInvalid', 'Invalid value: 5: no'],
    [fault.invalid('spec.a', { b: 1 }, 'no'), 'FieldValueInvalid', 'Invalid value: {"b":1}: no'],
    [fault.typeInvalid('spec.a', 'x', 'no'), 'FieldValueTypeInvalid', 'Invalid value: "x": no'],
    [
      fault.notSupported('spec.a', 'X', ['A', 'B']),
      'FieldValueNotSupported',
      'Unsupported value: "X": supported values: "A", "B"',
    ],
    [fault.forbidden('spec.a', 'no'), 'FieldValueForbidden', 'Forbidden: no'],
    [fault.duplicate('spec.a', 'x'), 'FieldValueDuplicate', 'Duplicate value: "x"'],
    [fault.notFoundValue('spec.a', 'x'), 'FieldValueNotFound', 'Not found: "x"'],
    [fault.tooLong('spec.a', 63), 'FieldValueTooLong', 'Too long: may not be more than 63 bytes'],
  ])('%j', (cause, reason, message) => {
    expect(cause).toEqual({ field: 'spec.a', reason, message })
  })

  it('writes paths as upstream does', () => {
    expect(fault.child(fault.index('spec.containers', 0), 'image')).toBe('spec.containers[0].image')
    expect(fault.key('metadata.annotations', 'a/b')).toBe('metadata.annotations[a/b]')
  })
})
