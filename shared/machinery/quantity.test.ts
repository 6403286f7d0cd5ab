import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  addQuantities,
  compareQuantities,
  formatQuantity,
  parseQuantity,
  quantityMilli,
  quantityValue,
  subtractQuantities,
} from './quantity.ts'

describe('canonical form', () => {
  // Expected values are what k8s.io/apimachinery v0.36.0 prints.
  test.each([
    ['0', '0'],
    ['0Gi', '0'],
    ['1.5', '1500m'],
    ['1.5Gi', '1536Mi'],
    ['0.1m', '100u'],
    ['0.0000000001', '1n'],
    ['-0.0000000001', '-1n'],
    ['1000m', '1'],
    ['100m', '100m'],
    ['1024Mi', '1Gi'],
    ['1000Mi', '1000Mi'],
    ['1Ei', '1Ei'],
    ['9Ei', '9223372036854775807'],
    ['7Ei', '7Ei'],
    ['01Gi', '01Gi'],
    ['08Gi', '8Gi'],
    ['2500000', '2500k'],
    ['1e3', '1e3'],
    ['1E3', '1E3'],
    ['1.2e3', '1200'],
    ['12e-3', '12e-3'],
    ['0.5Ki', '512'],
    ['0.5Mi', '512Ki'],
    ['0.0001Ki', '102400u'],
    ['512Ki', '512Ki'],
    ['1023', '1023'],
    ['+5', '+5'],
    ['05', '05'],
    ['1.500', '1.500'],
    ['.5', '500m'],
    ['1.', '1.'],
    ['1k', '1k'],
    ['1000k', '1M'],
    ['1234567890123456789', '1234567890123456789'],
  ])('%s is %s', (text, expected) => {
    expect(formatQuantity(text)).toBe(expected)
  })

  test('takes a JSON number', () => {
    expect(formatQuantity(0.5)).toBe('500m')
    expect(formatQuantity(2)).toBe('2')
  })
})

const format = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"

test.each([
  ['', format],
  ['a', format],
  ['1 Gi', format],
  ['1.2.3', format],
  ['1Kx', format],
  ['1KiB', format],
  ['1mm', "unable to parse quantity's suffix"],
  ['1Ki5', "unable to parse quantity's suffix"],
  ['1e', "unable to parse quantity's suffix"],
  ['1e999999999', 'unable to parse numeric part of quantity'],
])('%j is refused', (text, message) => {
  expect(() => parseQuantity(text)).toThrow(message)
})

describe('arithmetic', () => {
  test.each([
    ['1', '500m', '1500m'],
    ['1Gi', '512Mi', '1536Mi'],
    ['0', '1Gi', '1Gi'],
    ['1Gi', '1', '1073741825'],
    ['100m', '0.9', '1'],
  ])('%s + %s = %s', (a, b, sum) => {
    expect(formatQuantity(addQuantities(a, b))).toBe(sum)
  })

  test('rounds up to units and thousandths', () => {
    expect(quantityValue('1500m')).toBe(2)
    expect(quantityValue('-1500m')).toBe(-2)
    expect(quantityValue('1Ki')).toBe(1024)
    expect(quantityMilli('1500u')).toBe(2)
    expect(quantityMilli('2')).toBe(2000)
  })

  const quantity = fc
    .tuple(
      fc.integer({ min: -1_000_000, max: 1_000_000 }),
      fc.constantFrom('n', 'u', 'm', '', 'k', 'M', 'Ki', 'Mi', 'Gi'),
    )
    .map(([amount, suffix]) => `${amount}${suffix}`)

  test('printing keeps the value', () => {
    fc.assert(fc.property(quantity, text => compareQuantities(formatQuantity(parseQuantity(text)), text) === 0))
  })

  test('what is added can be taken away', () => {
    fc.assert(
      fc.property(quantity, quantity, (a, b) => compareQuantities(subtractQuantities(addQuantities(a, b), b), a) === 0),
    )
  })

  test('comparison is that of the difference', () => {
    fc.assert(
      fc.property(quantity, quantity, (a, b) => {
        const difference = subtractQuantities(a, b).nanos
        return Math.sign(compareQuantities(a, b)) === (difference < 0n ? -1 : difference > 0n ? 1 : 0)
      }),
    )
  })
})
