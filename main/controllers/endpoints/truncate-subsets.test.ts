import { expect, test } from 'vitest'
import { truncateSubsets } from './truncate-subsets.ts'

const addresses = (count: number) => Array.from({ length: count }, (_, i) => ({ ip: `10.0.${i >> 8}.${i & 255}` }))
const subset = (port: number, ready: number, notReady: number) => ({
  ports: [{ port }],
  ...(ready > 0 && { addresses: addresses(ready) }),
  ...(notReady > 0 && { notReadyAddresses: addresses(notReady) }),
})
const counts = (subsets: ReturnType<typeof truncateSubsets>['subsets']) =>
  subsets.map(each => [each.ports?.[0]?.port, each.addresses?.length ?? 0, each.notReadyAddresses?.length ?? 0])

test('a thousand addresses are all kept', () => {
  const whole = [subset(80, 600, 400)]
  expect(truncateSubsets(whole)).toEqual({ subsets: whole, truncated: false })
})

test('those that are not ready give way first, each subset by its share', () => {
  const { subsets, truncated } = truncateSubsets([subset(80, 500, 200), subset(81, 300, 600)])
  expect(truncated).toBe(true)
  expect(counts(subsets)).toEqual([
    [80, 500, 50],
    [81, 300, 150],
  ])
})

test('with too many ready ones none that is not ready stays', () => {
  const { subsets } = truncateSubsets([subset(80, 1000, 50), subset(81, 501, 0), subset(82, 0, 9)])
  expect(counts(subsets)).toEqual([
    [80, 667, 0],
    [81, 333, 0],
  ])
  expect(subsets[1]).not.toHaveProperty('notReadyAddresses')
})
