import { describe, expect, it } from 'vitest'
import en from './en.ts'
import { plural } from './use-texts.ts'
import zh from './zh-CN.ts'

interface Texts {
  [key: string]: string | Texts
}

function leaves(texts: Texts, path = ''): [string, string][] {
  return Object.entries(texts).flatMap(([key, value]) =>
    typeof value === 'string' ? [[`${path}${key}`, value] as [string, string]] : leaves(value, `${path}${key}.`),
  )
}
/** In English Kubernetes' own words for states stand as they are; other languages translate them. */
const own = ([key]: [string, string]) => !key.startsWith('state.') || key in Object.fromEntries(leaves(en))
const english = new Map(leaves(en))
const chinese = new Map(leaves(zh).filter(own))
const placeholders = (text: string) => new Set([...text.matchAll(/\{(\w+)\}/g)].map(match => match[1]))

describe('texts', () => {
  it('have the same keys in every language', () => {
    expect([...chinese.keys()].sort()).toEqual([...english.keys()].sort())
  })
  it('use no placeholder that the English text does not have', () => {
    const strange = [...chinese].filter(
      ([key, text]) => !placeholders(text).isSubsetOf(placeholders(english.get(key) ?? '')),
    )
    expect(strange).toEqual([])
  })
  it('keep to plain sentences: no exclamation marks, no please', () => {
    const loud = [...english.values(), ...chinese.values()].filter(text => /[!！]|\bplease\b|successfully/i.test(text))
    expect(loud).toEqual([])
  })
  it('put a space between Chinese and Latin letters or digits', () => {
    const tight = [...chinese.values()].filter(text =>
      /[\u4e00-\u9fff][A-Za-z0-9]|[A-Za-z0-9][\u4e00-\u9fff]/.test(text),
    )
    expect(tight).toEqual([])
  })
})

describe('plural', () => {
  it.each([
    ['Pod', 'Pods'],
    ['Ingress', 'Ingresses'],
    ['NetworkPolicy', 'NetworkPolicies'],
    ['Gateway', 'Gateways'],
    ['Endpoints', 'Endpoints'],
  ])('of %s is %s', (kind, plurals) => {
    expect(plural(kind)).toBe(plurals)
  })
})
