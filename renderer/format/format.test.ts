import { describe, expect, it } from 'vitest'
import { formatBytes, formatCpu, formatQuantity, parseQuantity } from './quantity.ts'
import { splitName } from './split-name.ts'

describe('quantities', () => {
  it.each([
    ['500m', 0.5],
    ['3Gi', 3 * 1024 ** 3],
    ['2k', 2000],
    ['1e3', 1000],
    ['100n', 1e-7],
    ['', 0],
    ['rubbish', 0],
  ])('%s is %d', (text, value) => {
    expect(parseQuantity(text)).toBeCloseTo(value, 10)
  })
  it('are shown with a space before the unit', () => {
    expect(formatCpu(0.31)).toBe('310 m')
    expect(formatCpu(4)).toBe('4')
    expect(formatBytes(2.4 * 1024 ** 3)).toBe('2.4 Gi')
    expect(formatQuantity('16384Ki')).toBe('16 Mi')
  })
})

describe('splitName', () => {
  const named = (name: string, labels?: Record<string, string>) =>
    splitName({ metadata: { name, uid: '', ...(labels && { labels }) } })
  it('sets the template hash of a pod apart', () => {
    expect(named('api-7c9f8d6b5c-k4wzn', { 'pod-template-hash': '7c9f8d6b5c' })).toEqual({
      head: 'api',
      hash: '-7c9f8d6b5c',
      tail: '-k4wzn',
    })
  })
  it('leaves a ReplicaSet its hash, which is all that tells it apart', () => {
    expect(named('api-7c9f8d6b5c', { 'pod-template-hash': '7c9f8d6b5c' }).hash).toBe('')
  })
  it('leaves names that people chose alone', () => {
    expect(named('report-nightly-29916120-d6vns').hash).toBe('')
    expect(named('my-own-name')).toEqual({ head: 'my-own-name', hash: '', tail: '' })
  })
})
