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
  { ...item('do', 'Delete Deployment api'), object: 'Deployment api', danger: true },
  { ...item('do', 'Restart Deployment api'), object: 'Deployment api' },
  item('namespaces', 'api-team'),
  item('labels', 'app=api'),
]
const found = (typed: string) => searchPalette(items, typed).map(hit => hit.item.name)

describe('searchPalette', () => {
  it('puts actions before objects if they are asked for, objects before kinds', () => {
    expect(found('re api')).toEqual(['Restart Deployment api'])
    expect(searchPalette([...items, item('goTo', 'deploy/rest-api')], 'rest').map(hit => hit.item.name)).toEqual([
      'Restart Deployment api',
      'deploy/rest-api',
    ])
  })
  it('opens what is named, and never begins with what destroys', () => {
    expect(found('api')).toEqual([
      'svc/api',
      'deploy/api',
      'Restart Deployment api',
      'Delete Deployment api',
      'api-team',
    ])
    expect(found('deployment api').slice(0, 1)).toEqual(['deploy/api'])
  })
  it('wants every word, in any order', () => {
    expect(found('api rest')).toEqual(['Restart Deployment api'])
    expect(found('api nowhere')).toEqual([])
  })
  it.each([
    ['>api', ['Restart Deployment api', 'Delete Deployment api']],
    [':po', ['Pods']],
    ['@api', ['api-team']],
    ['#app', ['app=api']],
  ])('%s searches one group', (typed, names) => {
    expect(found(typed)).toEqual(names)
  })
  it('marks what was typed, and takes signs literally', () => {
    expect(searchPalette(items, 'api')[0]?.pieces).toEqual(['svc/', 'api', ''])
    expect(found('a(pi')).toEqual([])
  })
})
