import { expect, it } from 'vitest'
import { createPullProgress, type PullMessage } from './pull-progress.ts'

const at = (id: string, current: number, total: number): PullMessage => ({
  id,
  status: 'Downloading',
  progressDetail: { current, total },
})

it('sums the layers up, and says only what is new', () => {
  const progress = createPullProgress()
  expect(progress({ status: 'Pulling from library/nginx', id: 'latest' })).toBeUndefined()
  expect(progress({ id: 'a', status: 'Pulling fs layer' })).toBeUndefined()
  expect(progress(at('a', 1e6, 10e6))).toBe('1 of 10 MB')
  expect(progress(at('b', 4e6, 30e6))).toBe('5 of 40 MB')
  expect(progress(at('b', 4.1e6, 30e6))).toBeUndefined()
  expect(progress({ id: 'a', status: 'Download complete' })).toBe('14 of 40 MB')
  expect(progress(at('b', 30e6, 30e6))).toBe('40 of 40 MB')
  expect(progress({ id: 'a', status: 'Extracting', progressDetail: { current: 1, total: 9 } })).toBe('Extracting')
})
