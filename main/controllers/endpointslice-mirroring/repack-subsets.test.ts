import { expect, test } from 'vitest'
import { repackSubsets } from './repack-subsets.ts'

const port = (number: number) => ({ name: `p${number}`, port: number, protocol: 'TCP' })
const ips = (text: string) => text.split(' ').map(ip => ({ ip }))
const shown = (subsets: Parameters<typeof repackSubsets>[0]) =>
  repackSubsets(subsets).map(({ ports, addresses }) => [
    ports.map(each => each.port),
    addresses.map(({ address, ready }) => `${address.ip}${ready ? '' : '!'}`),
  ])

test('addresses that serve the same ports come together', () => {
  const subsets = [
    { addresses: ips('10.0.0.1'), ports: [port(80)] },
    { addresses: ips('10.0.0.2'), ports: [port(80)] },
    { addresses: ips('10.0.0.1 10.0.0.2'), ports: [port(81)] },
  ]
  expect(shown(subsets)).toEqual([
    [
      [80, 81],
      ['10.0.0.1', '10.0.0.2'],
    ],
  ])
})

test('an address that serves one port more is a group of its own', () => {
  const subsets = [
    { addresses: ips('10.0.0.1 10.0.0.2'), ports: [port(80)] },
    { addresses: ips('10.0.0.2'), ports: [port(81)] },
  ]
  expect(shown(subsets)).toEqual([
    [[80], ['10.0.0.1', '10.0.0.2']],
    [[81], ['10.0.0.2']],
  ])
})

test('an address that is both ready and not is not, and comes last', () => {
  const subsets = [{ addresses: ips('10.0.0.1 10.0.0.2'), notReadyAddresses: ips('10.0.0.1'), ports: [port(80)] }]
  expect(shown(subsets)).toEqual([[[80], ['10.0.0.2', '10.0.0.1!']]])
})

test('addresses without ports stay', () => {
  expect(shown([{ addresses: ips('10.0.0.1') }])).toEqual([[[], ['10.0.0.1']]])
})
