import { isList, isObject, jsonEqual } from '../json-value.ts'
import { noFields, readFieldSet, union, type FieldSet } from './field-set.ts'

/** An entry of metadata.managedFields (meta/v1 ManagedFieldsEntry). */
export interface ManagedFieldsEntry {
  manager?: string
  operation?: string
  apiVersion?: string
  time?: string
  fieldsType?: string
  fieldsV1?: object
  subresource?: string
}

/** Whose fields: appliers are told apart by name, writers also by the version they wrote in. */
export interface Manager {
  readonly manager: string
  readonly operation: 'Apply' | 'Update'
  readonly apiVersion: string
  readonly subresource: string
}

export interface ManagedFields extends Manager {
  readonly fields: FieldSet
  /** RFC 3339 to the second. */
  readonly time: string | undefined
}

/** Who owns which fields of an object; at most one element for each manager. */
export type Owners = readonly ManagedFields[]

export function isSameManager(a: Manager, b: Manager): boolean {
  return (
    a.manager === b.manager &&
    a.operation === b.operation &&
    a.subresource === b.subresource &&
    (a.operation === 'Apply' || a.apiVersion === b.apiVersion)
  )
}

/** The owners that stored managedFields tell; those are well-formed. */
export function ownersOf(entries: readonly ManagedFieldsEntry[] | undefined): Owners {
  return (entries ?? []).map(entry => ownerOf(entry, (entry.fieldsV1 ?? noFields) as FieldSet))
}

/** The owners that a client's managedFields tell. Undefined for what is malformed, which upstream passes over. */
export function readOwners(entries: unknown): Owners | undefined {
  if (!isList(entries)) return undefined
  try {
    return entries.reduce<Owners>((owners, entry) => {
      const owner = readOwner(entry)
      return [...owners.filter(other => !isSameManager(other, owner)), owner]
    }, [])
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

function readOwner(value: unknown): ManagedFields {
  if (!isObject(value)) throw new SyntaxError('no entry of managedFields')
  const entry: ManagedFieldsEntry = value
  if (entry.operation !== 'Apply' && entry.operation !== 'Update')
    throw new SyntaxError('operation must be `Apply` or `Update`')
  if (!entry.apiVersion) throw new SyntaxError('apiVersion must not be empty')
  if (entry.fieldsType !== 'FieldsV1') throw new SyntaxError('invalid fieldsType')
  return ownerOf(entry, readFieldSet(entry.fieldsV1))
}

function ownerOf(
  { manager = '', operation, apiVersion = '', subresource = '', time }: ManagedFieldsEntry,
  fields: FieldSet,
) {
  const applied = operation === 'Apply'
  return { manager, operation: applied ? 'Apply' : 'Update', apiVersion, subresource, time, fields } as const
}

/** Whether a client asks that managedFields be forgotten: with an empty list, or one empty entry. */
export function isReset(entries: unknown): boolean {
  return isList(entries) && (entries.length === 0 || (entries.length === 1 && jsonEqual(entries[0], {})))
}

/** What is stored of owners, in upstream's order; undefined for none. */
export function entriesOf(owners: Owners): ManagedFieldsEntry[] | undefined {
  if (owners.length === 0) return undefined
  return owners
    .toSorted(compareOwners)
    .map(({ manager, operation, apiVersion, time, fields, subresource }) => ({
      ...(manager !== '' && { manager }),
      operation,
      apiVersion,
      ...(time !== undefined && { time }),
      fieldsType: 'FieldsV1',
      fieldsV1: fields,
      ...(subresource !== '' && { subresource }),
    }))
}

function compareOwners(a: ManagedFields, b: ManagedFields): number {
  return (
    compare(a.operation, b.operation) ||
    seconds(a) - seconds(b) ||
    compare(a.manager, b.manager) ||
    compare(a.apiVersion, b.apiVersion) ||
    compare(a.subresource, b.subresource)
  )
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)
const seconds = ({ time }: ManagedFields) => (time === undefined ? 0 : Math.floor(Date.parse(time) / 1000))

/** How many writers are told apart (managedfields/internal/fieldmanager.go). */
const maxWriters = 10

/** Merges the oldest writers of each version into one when there are too many (capmanagers.go). */
export function capWriters(owners: Owners): Owners {
  const writers = owners.filter(({ operation }) => operation === 'Update')
  if (writers.length <= maxWriters) return owners
  const oldest = writers.toSorted((a, b) => seconds(a) - seconds(b) || compare(identity(a), identity(b)))
  const firstOf = new Map<string, ManagedFields>()
  let result = owners
  let left = writers.length
  for (const writer of oldest) {
    if (left <= maxWriters) break
    const { apiVersion } = writer
    const first = firstOf.get(apiVersion)
    if (!first) {
      firstOf.set(apiVersion, writer)
      continue
    }
    const ancient = { manager: 'ancient-changes', operation: 'Update', apiVersion, subresource: '' } as const
    const bucket = result.find(owner => isSameManager(owner, ancient)) ?? first
    const merged = { ...ancient, fields: union(writer.fields, bucket.fields), time: writer.time }
    result = [...result.filter(owner => owner !== bucket && owner !== writer), merged]
    left--
  }
  return result
}

/** Upstream's text for a manager, which breaks ties. */
const identity = ({ manager, operation, apiVersion, subresource }: Manager) =>
  JSON.stringify({ manager, operation, apiVersion, ...(subresource !== '' && { subresource }) })
