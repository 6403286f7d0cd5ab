import { expect, test } from 'vitest'
import {
  countCommon,
  countIndexes,
  firstMissing,
  formatIndexes,
  hasIndex,
  indexSetOf,
  parseIndexes,
  union,
} from './index-set.ts'

test.each([
  ['', 5, ''],
  ['0,2-4', 5, '0,2-4'],
  ['0-2,3,4-5', 9, '0-5'],
  ['1,2', 9, '1,2'],
  ['1-9', 5, '1-4'],
  ['3,x,y-2,5-', 9, '3'],
  ['7,8', 5, ''],
])('reads %j of %d as %j', (text, completions, expected) => {
  expect(formatIndexes(parseIndexes(text, completions))).toBe(expected)
})

test('adds, counts and finds indexes', () => {
  const set = union(parseIndexes('0-2,7', 100), indexSetOf([9, 3, 8, 3]))
  expect(formatIndexes(set)).toBe('0-3,7-9')
  expect(countIndexes(set)).toBe(7)
  expect([3, 4, 7].map(index => hasIndex(set, index))).toEqual([true, false, true])
  expect(countCommon(set, parseIndexes('2-8,50', 100))).toBe(4)
})

test('gives the first indexes that are missing, none beyond the completions', () => {
  const set = parseIndexes('0-1,4,6', 100)
  expect(firstMissing(set, { count: 4, completions: 100 })).toEqual([2, 3, 5, 7])
  expect(firstMissing(set, { count: 9, completions: 6 })).toEqual([2, 3, 5])
  expect(firstMissing([], { count: 2, completions: 0 })).toEqual([])
})
