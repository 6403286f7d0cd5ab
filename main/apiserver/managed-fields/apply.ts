import type { KubeObject } from '../../../shared/api/object.ts'
import { toTime } from '../../../shared/machinery/clock.ts'
import { goValue, isObject, type JsonObject } from '../../../shared/machinery/json-value.ts'
import {
  finishApplication,
  mergeApplication,
  type Applied,
  type FieldConflict,
} from '../../../shared/machinery/managed-fields/apply-fields.ts'
import { fieldFaults } from '../../../shared/machinery/managed-fields/check-fields.ts'
import { type Manager, type Owners } from '../../../shared/machinery/managed-fields/managers.ts'
import { updateOwners, type Change, type FieldsType } from '../../../shared/machinery/managed-fields/update-owners.ts'
import { badRequest, failure, StatusError } from '../../../shared/machinery/status.ts'
import { allowedByLastApplied } from './last-applied.ts'

interface Application {
  type: FieldsType
  kind: string
  /** What is compared with where nothing is. */
  zero: JsonObject
  /** Undefined where nothing is yet. */
  live: KubeObject | undefined
  /** Of the live object. */
  owners: Owners
  applied: JsonObject
  manager: string
  subresource: string
  force: boolean
  now: number
  /** The change as it looks in other versions; left out for what has none. */
  elsewhere?: (owners: Owners, next: unknown) => Promise<Change['inVersion']>
}

interface Outcome {
  /** Shares parts with the live object, which it is if nothing changes. Without its managed fields. */
  object: unknown
  owners: Owners
}

/**
 * Applies an object to the one that is there (managedfields/internal/fieldmanager.go, Apply). Throws 400 for another type
 * and for managed fields, 409 for conflicts, and 500 (as upstream) for what is not of the type.
 */
export async function applyObject(given: Application): Promise<Outcome> {
  const { type, zero, live, owners, applied, manager, subresource, force } = given
  checkApplied(given)
  const now = toTime(given.now)
  const by: Manager = { manager, operation: 'Apply', apiVersion: type.apiVersion, subresource }
  const none = () => undefined
  const start = owners.length > 0 || !live ? owners : firstOwners()
  const application = { type, live: live ?? zero, applied, owners: start, by }
  const merged = mergeApplication(application)
  const elsewhere = start.some(({ apiVersion }) => apiVersion !== type.apiVersion)
  const inVersion = elsewhere && given.elsewhere ? await given.elsewhere(start, merged.object) : none
  const result = finishApplication(application, merged, { force, now, inVersion })
  if (result.conflicts.length === 0) return result
  if (manager !== 'kubectl' || !live) throw applyConflict(result.conflicts)

  // What kubectl applied on the client's side before is its own.
  const left = withoutAllowed(result, allowedByLastApplied(type, live))
  if (left.length > 0) throw applyConflict(left)
  return finishApplication(application, merged, { force: true, now, inVersion })

  /** Whatever an object without managed fields has was there before (skipnonapplied.go). */
  function firstOwners(): Owners {
    const first = {
      manager: 'before-first-apply',
      operation: 'Update',
      apiVersion: type.apiVersion,
      subresource,
    } as const
    return updateOwners({ type, old: zero, next: live, inVersion: none }, { owners: [], by: first, now })
  }
}

const withoutAllowed = ({ conflicts }: Applied, allowed: ReadonlySet<string>) =>
  conflicts.filter(({ path }) => !allowed.has(path))

function checkApplied({ type, kind, applied }: Application): void {
  const gvk = describeType(applied.apiVersion, applied.kind)
  if (gvk !== describeType(type.apiVersion, kind)) throw badRequest(`invalid object type: ${gvk}`)
  const metadata = isObject(applied.metadata) ? applied.metadata : {}
  if (Array.isArray(metadata.managedFields)) throw badRequest('metadata.managedFields must be nil')
  const faults = fieldFaults(type.schema, applied)
  if (faults !== '') throw unapplicable('create typed patch object', { applied, gvk }, faults)
}

interface Subject {
  applied: JsonObject
  gvk: string
  where?: string
}

/** Upstream has no reason for these, and the code of its own faults. */
function unapplicable(what: string, { applied, gvk, where = '' }: Subject, why: string): StatusError {
  const { namespace = '', name = '' } = isObject(applied.metadata) ? applied.metadata : {}
  const message = `failed to ${what} (${goValue(namespace)}/${goValue(name)}; ${gvk})${where}: ${why}`
  return new StatusError({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, code: 500 })
}

/** The error for a result that can't be decoded as its kind. */
export function unconvertible(applied: JsonObject, why: string): StatusError {
  const gvk = describeType(applied.apiVersion, applied.kind)
  const what = `unable to convert unstructured object to ${gvk}`
  return unapplicable('convert new object', { applied, gvk, where: ' to proper version' }, `${what}: ${why}`)
}

/** As Go prints a GroupVersionKind: `apps/v1, Kind=Deployment`, `/v1, Kind=Pod`. */
function describeType(apiVersion: unknown, kind: unknown): string {
  const text = typeof apiVersion === 'string' ? apiVersion : ''
  return `${text.includes('/') ? text : `/${text}`}, Kind=${typeof kind === 'string' ? kind : ''}`
}

/** 409 with a cause for each field of each owner (managedfields/internal/conflict.go). */
function applyConflict(conflicts: readonly FieldConflict[]): StatusError {
  const sorted = [...Map.groupBy(conflicts, ({ owner }) => describeOwner(owner))].sort(([a], [b]) => (a < b ? -1 : 1))
  const causes = sorted.flatMap(([owner, fields]) =>
    fields.map(({ path }) => ({ reason: 'FieldManagerConflict', message: `conflict with ${owner}`, field: path })),
  )
  const [first] = causes
  const lines = sorted.flatMap(([owner, fields]) => [
    `conflicts with ${owner}:`,
    ...fields.map(({ path }) => `- ${path}`),
  ])
  const message =
    causes.length === 1 && first
      ? `Apply failed with 1 conflict: ${first.message}: ${first.field}`
      : `Apply failed with ${causes.length} conflicts: ${lines.join('\n')}`
  return failure({ code: 409, reason: 'Conflict', message, details: { causes } })
}

function describeOwner({ manager, operation, apiVersion, subresource }: Manager): string {
  const name = JSON.stringify(manager) + (subresource === '' ? '' : ` with subresource ${JSON.stringify(subresource)}`)
  return operation === 'Update' ? `${name} using ${apiVersion}` : name
}
