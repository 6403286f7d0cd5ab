import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, expect, it, vi } from 'vitest'
import type { KubeObject } from '../../shared/api/object.ts'
import { mostDrafts, useDrafts } from './drafts.ts'

const object = (uid: string, kind = 'ConfigMap'): KubeObject => ({
  apiVersion: 'v1',
  kind,
  metadata: { name: uid, namespace: 'shop', uid },
})
const draft = (uid: string, kind?: string) => ({ base: object(uid, kind), withStatus: false, text: `name: ${uid}\n` })
/** The store as a window finds it when it is loaded. */
function load() {
  setActivePinia(createPinia())
  return useDrafts()
}
beforeEach(() => sessionStorage.clear())

it('finds a draft again after a reload, until it is dropped', () => {
  const before = load()
  before.keep(draft('a'))
  before.keep({ ...draft('a'), text: 'newer' })
  const after = load()
  expect(after.find('a')).toEqual({ ...draft('a'), text: 'newer' })
  expect(after.find('b')).toBeUndefined()
  after.drop('a')
  expect(after.find('a')).toBeUndefined()
  expect(load().find('a')).toBeUndefined()
})

it('writes no Secret anywhere', () => {
  const before = load()
  before.keep(draft('a'))
  before.keep(draft('s', 'Secret'))
  expect(before.find('s')).toBeDefined()
  expect(load().find('s')).toBeUndefined()
  expect(load().find('a')).toBeDefined()
})

it('forgets the oldest', () => {
  const drafts = load()
  for (let n = 0; n < mostDrafts; n++) drafts.keep(draft(`n${n}`))
  drafts.keep(draft('n0'))
  drafts.keep(draft('last'))
  expect([drafts.find('n0'), drafts.find('n1'), drafts.find('n2')].map(found => found?.base.metadata.uid)).toEqual([
    'n0',
    undefined,
    'n2',
  ])
})

it('lives with a damaged storage and a full one', () => {
  sessionStorage.setItem('podbay-drafts', '[["a",{"text":1}],["b"],7]')
  expect(load().find('a')).toBeUndefined()
  sessionStorage.setItem('podbay-drafts', '{')
  const drafts = load()
  const full = vi.spyOn(Storage.prototype, 'setItem').mockImplementation(() => {
    throw new DOMException('full', 'QuotaExceededError')
  })
  drafts.keep(draft('a'))
  full.mockRestore()
  expect(drafts.find('a')).toEqual(draft('a'))
})
