import type { CustomResourceDefinition } from '../../../shared/api/apiextensions.ts'
import type { Schema } from '../../../shared/machinery/schema.ts'
import { isKnownFormat } from '../custom/formats.ts'

/** The formats that schemas name and nobody checks. */
export function unknownFormats({ spec }: CustomResourceDefinition): string[] {
  return spec.versions.flatMap(({ schema }) => (schema?.openAPIV3Schema ? formatsIn(schema.openAPIV3Schema) : []))
}

function formatsIn(schema: Schema): string[] {
  const { items, properties = {}, additionalProperties, allOf = [], anyOf = [], oneOf = [], not } = schema
  const below = [items, not, typeof additionalProperties === 'object' ? additionalProperties : undefined]
  const own = schema.format && !isKnownFormat(schema) ? [schema.format] : []
  const nested = [...allOf, ...anyOf, ...oneOf, ...Object.values(properties), ...below]
  return [...own, ...nested.flatMap(one => (one ? formatsIn(one) : []))]
}
