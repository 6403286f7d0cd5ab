import { describe, expect, test } from 'vitest'
import { formatIp, parseCidr, parseIp } from './ip.ts'

describe('addresses', () => {
  // Expected values are what Go's net/netip prints.
  test.each([
    ['10.0.0.1', '10.0.0.1'],
    ['010.0.0.1', '10.0.0.1'],
    ['::', '::'],
    ['::1', '::1'],
    ['2001:DB8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['1:0:0:2:0:0:0:3', '1:0:0:2::3'],
    ['1:2:3:4:5:6:7:8', '1:2:3:4:5:6:7:8'],
    ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
    ['fe80::', 'fe80::'],
    ['::ffff:10.0.0.1', '10.0.0.1'],
    ['64:ff9b::1.2.3.4', '64:ff9b::102:304'],
  ])('%s is %s', (text, canonical) => {
    const ip = parseIp(text)
    expect(ip && formatIp(ip)).toBe(canonical)
  })

  test.each([
    '',
    '1.2.3',
    '1.2.3.256',
    '1.2.3.4.5',
    'a.b.c.d',
    ':',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '12345::',
    '1.2.3.4:',
    '::1.2.3',
    'fe80::1%eth0',
  ])('%j is none', text => {
    expect(parseIp(text)).toBeUndefined()
  })

  test('tells how it was written', () => {
    expect(parseIp('010.0.0.1')).toMatchObject({ sloppy: true, mapped: false })
    expect(parseIp('::ffff:10.0.0.1')).toMatchObject({ family: 4, mapped: true })
  })
})

describe('networks', () => {
  test.each([
    ['10.0.0.0/8', { bits: 8, ambiguous: false }],
    ['10.0.0.1/8', { bits: 8, ambiguous: true }],
    ['10.0.0.1/32', { bits: 32, ambiguous: false }],
    ['2001:db8::/33', { bits: 33, ambiguous: false }],
    ['2001:db8:8000::/32', { bits: 32, ambiguous: true }],
    ['0.0.0.0/0', { bits: 0, ambiguous: false }],
  ])('%s', (text, expected) => {
    expect(parseCidr(text)).toMatchObject(expected)
  })

  test.each(['10.0.0.0', '10.0.0.0/33', '10.0.0.0/', '10.0.0.0/8/8', '10.0.0.0/a', '::/129'])('%s is none', text => {
    expect(parseCidr(text)).toBeUndefined()
  })
})
