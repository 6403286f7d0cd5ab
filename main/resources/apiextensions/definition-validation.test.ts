import { beforeAll, expect, test } from 'vitest'
import type { CustomResourceDefinition } from '../../../shared/api/apiextensions.ts'
import { causeText } from '../../../shared/machinery/field-errors.ts'
import { loadPatterns } from '../custom/pattern.ts'
import { validateDefinition } from './definition-validation.ts'
import { noRules } from './rules.ts'

beforeAll(loadPatterns)

const at = 'spec.validation.openAPIV3Schema.properties[a]'

/** A definition whose objects have one field. */
function withField(a: object): CustomResourceDefinition {
  const openAPIV3Schema = { type: 'object', properties: { a } }
  return {
    metadata: { name: 'things.cmp.test', uid: 'u' },
    spec: {
      group: 'cmp.test',
      scope: 'Cluster',
      names: { plural: 'things', singular: 'thing', kind: 'Thing', listKind: 'ThingList' },
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema } }],
    },
    status: { storedVersions: ['v1'] },
  }
}

/** What kube-apiserver v1.36.0 answers. */
test.each([
  [{ type: 'string' }, []],
  [{}, [`${at}.type: Required value: must not be empty for specified object fields`]],
  [{ type: 'array' }, [`${at}.items: Required value: must be specified`]],
  [
    { type: 'string', default: 1 },
    [`${at}.default: Invalid value: "integer":  in body must be of type string: "integer"`],
  ],
  [
    { type: 'object', 'x-kubernetes-preserve-unknown-fields': false },
    [`${at}.x-kubernetes-preserve-unknown-fields: Invalid value: false: must be true or undefined`],
  ],
  [
    { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'object' } },
    [
      `${at}.items.x-kubernetes-map-type: Invalid value: null: must be atomic as item of a list with x-kubernetes-list-type=set`,
    ],
  ],
  [
    {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['k'],
      items: { type: 'object', properties: { k: { type: 'string' } } },
    },
    [
      `${at}.items.properties[k].default: Required value: this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property`,
    ],
  ],
])('a field with schema %j', (schema, expected) => {
  expect(validateDefinition(withField(schema), noRules).map(causeText)).toEqual(expected)
})
