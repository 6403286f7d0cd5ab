import type { KubeObject } from '../../../shared/api/object.ts'
import { apiVersionOf } from '../../../shared/api/ref.ts'
import {
  matchesRequirements,
  parseFieldSelector,
  parseLabelSelector,
  type FieldTerm,
} from '../../../shared/machinery/selectors.ts'
import { quote } from '../../../shared/machinery/field-errors.ts'
import { badRequest } from '../../../shared/machinery/status.ts'
import type { Resource } from '../../resources/resource.ts'

/** Which objects a list or watch is about; undefined: all of them. */
export interface Selection {
  readonly matches: ((object: KubeObject) => boolean) | undefined
  /** Set when a field selector asks for one name. */
  readonly name: string | undefined
}

const everything: Selection = { matches: undefined, name: undefined }

/** Reads labelSelector and fieldSelector; a field that the kind does not index is a 400. */
export function selectionOf(resource: Resource, query: URLSearchParams): Selection {
  const labelText = query.get('labelSelector') ?? ''
  const fieldText = query.get('fieldSelector') ?? ''
  if (labelText === '' && fieldText === '') return everything
  const requirements = labelText === '' ? [] : parseLabelSelector(labelText)
  const terms =
    fieldText === '' ? [] : parseFieldSelector(fieldText).map(term => ({ ...term, read: reader(resource, term) }))
  const name = terms.find(term => term.field === 'metadata.name' && !term.negated)?.value
  return {
    name,
    matches: object =>
      terms.every(term => (term.read(object) === term.value) !== term.negated) &&
      matchesRequirements(requirements, object.metadata.labels),
  }
}

function reader(resource: Resource, { field }: FieldTerm): (object: KubeObject) => string {
  if (field === 'metadata.name') return object => object.metadata.name
  if (field === 'metadata.namespace' && resource.ref.namespaced) return object => object.metadata.namespace ?? ''
  const read = resource.fields?.[field]
  if (!read) throw badRequest(unknownField(resource, field))
  return read
}

/** Upstream's words: kinds that know more than the usual fields, and custom ones, have their own. */
function unknownField({ fields, structural, ref }: Resource, field: string): string {
  if (ref.resource === 'jobs') return `field label ${quote(field)} not supported for Job`
  if (ref.resource === 'resourceslices')
    return `field label not supported for ${apiVersionOf(ref)}, Kind=${ref.kind}: ${field}`
  if (fields || structural) return `field label not supported: ${field}`
  return `${quote(field)} is not a known field selector: only "metadata.name", "metadata.namespace"`
}
