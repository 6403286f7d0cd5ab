// The texts of `kubectl explain`: what the doc comments of @kubernetes/client-node's models say of each built-in type
// and field. Definitions whose model has other fields than the table are left out rather than described wrongly.
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const models = join(dirname(createRequire(import.meta.url).resolve('@kubernetes/client-node')), 'gen', 'models')
const comment = /\/\*\*\s*\n((?:\s*\*.*\n)+?)\s*\*\/\s*\n\s*(?:export declare class \w+|'([^']+)'\??:)/g
const field = /^\s*'([^']+)'\??:/gm

/** Texts by definition name (`io.k8s.api.core.v1.Pod`): `{ description?, properties: { field: text } }`. */
export function descriptionsOf(definitions) {
  const found = {}
  for (const [name, { properties = {} }] of Object.entries(definitions)) {
    const source = modelOf(name, Object.keys(properties))
    if (source !== undefined) found[name] = textsIn(source, Object.keys(properties))
  }
  return found
}

/** The declaration of a definition's model. Types of one name in several groups carry their group's name. */
function modelOf(definition, properties) {
  const [group = '', version = '', type = ''] = definition.split('.').slice(-3)
  const versioned = capital(version) + type
  for (const name of [versioned, capital(group) + versioned]) {
    const file = join(models, `${name}.d.ts`)
    if (!existsSync(file)) continue
    const source = readFileSync(file, 'utf8')
    // TypeScript's names differ from the wire's where those are reserved words: `_continue`, `$ref`.
    const own = [...source.matchAll(field)].map(([, property]) => wireName(property))
    if (own.length === properties.length && properties.every(property => own.includes(wireName(property))))
      return source
  }
  return undefined
}

function textsIn(source, properties) {
  const texts = { properties: {} }
  const wire = new Map(properties.map(property => [wireName(property), property]))
  for (const [, lines, property] of source.matchAll(comment)) {
    const text = lines
      .split('\n')
      .map(line => line.replace(/^\s*\* ?/, ''))
      .join('\n')
      .trim()
      .replace(/\\(["'\\])/g, '$1')
    if (property === undefined) texts.description = text
    else texts.properties[wire.get(wireName(property))] = text
  }
  return texts
}

const wireName = property => property.replace(/^[_$]/, '').replaceAll(/[-_]/g, '').toLowerCase()
const capital = word => word.charAt(0).toUpperCase() + word.slice(1)
