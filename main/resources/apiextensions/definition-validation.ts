import type { CustomResourceDefinition, CustomResourceVersion } from '../../../shared/api/apiextensions.ts'
import { isConditionTrue } from '../../../shared/api/apiextensions.ts'
import type { StatusCause } from '../../../shared/api/object.ts'
import { child, index, invalid, required } from '../../../shared/machinery/field-errors.ts'
import { jsonEqual } from '../../../shared/machinery/json-value.ts'
import { isDns1035Label, isDns1123Subdomain } from '../../../shared/machinery/names.ts'
import { immutable, oneOf, repeats } from '../faults.ts'
import { validateApiApproval } from './api-approval.ts'
import { validateConversion } from './conversion-validation.ts'
import { hoisted } from './hoist.ts'
import { validateColumn, validateNames } from './names-validation.ts'
import { validateVersionSchema } from './version-schema-validation.ts'
import type { SchemaRules } from './rules.ts'
import { validateSelectableFields } from './selectable-fields-validation.ts'
import { validateSubresources } from './subresources-validation.ts'

/** What is wrong with a new definition (ValidateCustomResourceDefinition). */
export function validateDefinition(crd: CustomResourceDefinition, rules: SchemaRules): StatusCause[] {
  return [
    ...validateName(crd),
    ...validateSpec(crd, rules),
    ...validateStatus(crd),
    ...validateStoredVersions(crd),
    ...validateApiApproval(crd),
    ...validatePreserve(crd),
  ]
}

/** What is wrong with a changed definition (ValidateCustomResourceDefinitionUpdate). */
export function validateDefinitionUpdate(
  crd: CustomResourceDefinition,
  old: CustomResourceDefinition,
  rules: SchemaRules,
): StatusCause[] {
  const { spec } = crd
  const kept = (path: string, value: unknown, before: unknown) =>
    jsonEqual(value, before) ? [] : [invalid(child('spec', path), value, immutable)]
  return [
    ...validateSpec(crd, rules, old),
    ...(isConditionTrue(old, 'Established')
      ? [...kept('scope', spec.scope, old.spec.scope), ...kept('names.kind', spec.names.kind, old.spec.names.kind)]
      : []),
    ...kept('group', spec.group, old.spec.group),
    ...kept('names.plural', spec.names.plural, old.spec.names.plural),
    ...validateStatus(crd),
    ...validateStoredVersions(crd),
    ...validateApiApproval(crd, old),
    ...validatePreserve(crd),
  ]
}

/** What is wrong with the names that a status tells. */
export function validateStatus({ status }: CustomResourceDefinition): StatusCause[] {
  return validateNames(status?.acceptedNames ?? {}, 'status.acceptedNames')
}

function validateName({ metadata, spec }: CustomResourceDefinition): StatusCause[] {
  if (metadata.name === `${spec.names.plural}.${spec.group}`) return []
  return [invalid('metadata.name', metadata.name, 'must be spec.names.plural+"."+spec.group')]
}

function validateSpec(
  crd: CustomResourceDefinition,
  rules: SchemaRules,
  old?: CustomResourceDefinition,
): StatusCause[] {
  const { spec } = crd
  const { versions } = spec
  const parts = hoisted(spec)
  const faults = [...validateGroup(spec.group), ...oneOf('spec.scope', spec.scope, ['Cluster', 'Namespaced'])]
  const noSchema = versions.flatMap((version, i) =>
    version.schema?.openAPIV3Schema ? [] : [required(child(index('spec.versions', i), 'schema', 'openAPIV3Schema'))],
  )
  const allSame = parts.schemas.length === 1 && parts.schemas[0]?.version === ''
  if (!allSame || !parts.schemas[0]?.value) faults.push(...noSchema)
  versions.forEach((version, i) => faults.push(...validateVersion(version, index('spec.versions', i))))
  const hasStatus = (name: string) =>
    versions.some(version => (name === '' || version.name === name) && version.subresources?.status !== undefined)
  for (const { version, path, value } of parts.schemas) {
    if (!value) continue
    const before = old?.spec.versions.find(({ name }) => version === '' || name === version)?.schema?.openAPIV3Schema
    const given = { schema: value, path, hasStatus: hasStatus(version), old: before }
    faults.push(...validateVersionSchema(given, rules))
  }
  for (const { path, value } of parts.subresources) faults.push(...validateSubresources(value, path))
  for (const { path, value } of parts.columns) {
    value.forEach((column, i) => faults.push(...validateColumn(column, index(path, i))))
  }
  for (const { version, path, value } of parts.selectableFields) {
    const schema = versions.find(({ name }) => version === '' || name === version)?.schema?.openAPIV3Schema
    if (value.length > 0 && schema) faults.push(...validateSelectableFields(value, schema, path))
  }
  return [
    ...faults,
    ...validateVersions(versions),
    ...validateRequiredNames(crd),
    ...validateConversion(spec.conversion ?? { strategy: 'None' }),
  ]
}

function validateGroup(group: string): StatusCause[] {
  const path = 'spec.group'
  if (group === '') return [required(path)]
  const faults = isDns1123Subdomain(group)
  if (faults.length > 0) return [invalid(path, group, faults.join(','))]
  return group.includes('.') ? [] : [invalid(path, group, 'should be a domain with at least one dot')]
}

function validateVersion(
  { name, deprecated = false, deprecationWarning }: CustomResourceVersion,
  path: string,
): StatusCause[] {
  const faults = isDns1035Label(name)
  const warning = deprecationWarning === undefined ? [] : warningFaults(deprecated, deprecationWarning)
  return [
    ...(faults.length > 0 ? [invalid(child(path, 'name'), name, faults.join(','))] : []),
    ...warning.map(text => invalid(child(path, 'deprecationWarning'), deprecationWarning, text)),
  ]
}

function warningFaults(deprecated: boolean, text: string): string[] {
  if (!deprecated) return ['can only be set for deprecated versions']
  const faults = Buffer.byteLength(text) > 256 ? ['must be <= 256 characters long'] : []
  if (text === '') faults.push('must not be an empty string')
  const at = text.search(/[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/u)
  if (at >= 0) {
    const where = Buffer.byteLength(text.slice(0, at))
    faults.push(`must only contain printable UTF-8 characters; non-printable character found at index ${where}`)
  }
  return faults
}

function validateVersions(versions: readonly CustomResourceVersion[]): StatusCause[] {
  const path = 'spec.versions'
  const faults: StatusCause[] = []
  if (repeats(versions, ({ name }) => name).includes(true)) {
    faults.push(invalid(path, versions, 'must contain unique version names'))
  }
  if (versions.filter(({ storage }) => storage).length !== 1) {
    faults.push(invalid(path, versions, 'must have exactly one version marked as storage version'))
  }
  // Upstream's internal form has the first version's name once more.
  const name = versions[0]?.name ?? ''
  const wrong = name === '' ? [] : isDns1035Label(name)
  if (wrong.length > 0) faults.push(invalid('spec.version', name, wrong.join(',')))
  return faults
}

function validateRequiredNames({ spec: { names } }: CustomResourceDefinition): StatusCause[] {
  const needed = ['plural', 'singular', 'kind', 'listKind'] as const
  return [
    ...needed.flatMap(name => (names[name] ? [] : [required(child('spec.names', name))])),
    ...validateNames(names, 'spec.names'),
  ]
}

/** What was stored may still be there: its version can't go. */
function validateStoredVersions({ spec, status }: CustomResourceDefinition): StatusCause[] {
  const path = 'status.storedVersions'
  const stored = status?.storedVersions ?? []
  if (stored.length === 0) return [invalid(path, null, 'must have at least one stored version')]
  const missing = spec.versions.filter(({ name, storage }) => storage && !stored.includes(name))
  const gone = stored.flatMap((name, i) => {
    if (spec.versions.some(version => version.name === name)) return []
    const why = `missing from spec.versions; ${name} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${name} and removes ${name} from status.storedVersions`
    return [invalid(index(path, i), name, why)]
  })
  return [...missing.map(({ name }) => invalid(path, stored, `must have the storage version ${name}`)), ...gone]
}

function validatePreserve({ spec }: CustomResourceDefinition): StatusCause[] {
  if (!spec.preserveUnknownFields) return []
  const why = 'cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead'
  return [invalid('spec.preserveUnknownFields', true, why)]
}
