import { describe, expect, it } from 'vitest'
import { searchPalette, type PaletteItem } from './palette-search.ts'

const item = (group: PaletteItem['group'], name: string, words = ''): PaletteItem => ({
  id: name,
  group,
  name,
  words,
  run: () => undefined,
})
const items = [
  item('kinds', 'Pods', 'pod po pods'),
  item('goTo', 'svc/api', 'Service'),
  item('goTo', 'deploy/api', 'Deployment'),
  item('do', 'Restart Deployment api'),
  item('namespaces', 'api-team'),
  item('labels', 'app=api'),
]
const found = (typed: string) => searchPalette(items, typed).map(hit => hit.item.name)

describe('searchPalette', () => {
  it('puts actions before objects, objects before kinds', () => {
    expect(found('api')).toEqual(['Restart Deployment api', 'svc/api', 'deploy/api', 'api-team'])
  })
  it('wants every word, in any order', () => {
    expect(found('api rest')).toEqual(['Restart Deployment api'])
    expect(found('api nowhere')).toEqual([])
  })
  it.each([
    ['>api', ['Restart Deployment api']],
    [':po', ['Pods']],
    ['@api', ['api-team']],
    ['#app', ['app=api']],
  ])('%s searches one group', (typed, names) => {
    expect(found(typed)).toEqual(names)
  })
  it('marks what was typed, and takes signs literally', () => {
    expect(searchPalette(items, 'api')[1]?.pieces).toEqual(['svc/', 'api', ''])
    expect(found('a(pi')).toEqual([])
  })
})
