import { invalid as invalidValue, required, tooLong } from '../../../shared/machinery/field-errors.ts'
import { byteLength } from '../../../shared/machinery/names.ts'
import { invalid } from '../../../shared/machinery/status.ts'
import type { StatusCause } from '../../../shared/api/object.ts'
import { headerOf, type ServerRequest } from '../request.ts'

/** meta/v1/validation, FieldManagerMaxLength: in bytes. */
const maxLength = 128

type OptionsKind = 'CreateOptions' | 'UpdateOptions' | 'PatchOptions'

/**
 * Who is told in managedFields as the manager of what a request changes: the `fieldManager` of its query, or the first
 * part of its User-Agent (handlers/create.go, managerOrUserAgent). Throws 422 for a name that is too long or has
 * characters that can't be printed.
 */
export function fieldManagerOf(request: ServerRequest, kind: OptionsKind): string {
  const name = request.query.get('fieldManager') ?? ''
  refuse(kind, nameFaults(name))
  return name === '' ? fromUserAgent(headerOf(request, 'user-agent')) : name
}

/** The same for an apply, which must name its manager. */
export function applyManagerOf(request: ServerRequest): string {
  const name = request.query.get('fieldManager') ?? ''
  const missing = name === '' ? [required('fieldManager', 'is required for apply patch')] : []
  refuse('PatchOptions', [...missing, ...nameFaults(name)])
  return name
}

/** Throws 422 for `force` on another patch than an apply. */
export function refuseForce(request: ServerRequest): void {
  if (!request.query.has('force')) return
  refuse('PatchOptions', [forbiddenForce])
}

const forbiddenForce: StatusCause = {
  reason: 'FieldValueForbidden',
  message: 'Forbidden: may not be specified for non-apply patch',
  field: 'force',
}

function refuse(kind: OptionsKind, causes: StatusCause[]): void {
  if (causes.length > 0) throw invalid({ group: 'meta.k8s.io', kind, name: '' }, causes)
}

function nameFaults(name: string): StatusCause[] {
  const faults = byteLength(name) > maxLength ? [tooLong('fieldManager', maxLength)] : []
  let at = 0
  for (const character of name) {
    if (!isPrintable(character)) {
      const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')
      faults.push(invalidValue('fieldManager', name, `invalid character U+${code} (at position ${at})`))
    }
    at += byteLength(character)
  }
  return faults
}

/** As Go's unicode.IsPrint: letters, marks, numbers, punctuation, symbols and the plain space. */
const isPrintable = (character: string) => /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u.test(character)

const plain = /^[!-.0-~]{1,128}$/

function fromUserAgent(agent: string): string {
  const [name = ''] = agent.split('/', 1)
  if (plain.test(name)) return name
  let manager = ''
  for (const character of name) {
    if (!isPrintable(character)) continue
    if (byteLength(manager + character) > maxLength) break
    manager += character
  }
  return manager
}
