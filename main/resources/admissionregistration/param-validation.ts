import type {
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
} from '../../../shared/api/admissionregistration.ts'
import type { StatusCause } from '../../../shared/api/object.ts'
import { child, forbidden, invalid, required } from '../../../shared/machinery/field-errors.ts'
import { isDns1035Label, isDns1123Subdomain, isPathSegmentName } from '../../../shared/machinery/names.ts'
import { invalidFor, oneOf } from '../faults.ts'
import { validateLabelSelector } from '../labels.ts'

export type ParamKind = NonNullable<ValidatingAdmissionPolicy['spec']['paramKind']>
export type ParamRef = NonNullable<ValidatingAdmissionPolicyBinding['spec']['paramRef']>

/** The kind of a policy's parameters (validateParamKind). */
export function validateParamKind({ apiVersion = '', kind = '' }: ParamKind, path: string): StatusCause[] {
  return [...versionFaults(apiVersion, child(path, 'apiVersion')), ...kindFaults(kind, child(path, 'kind'))]
}

function versionFaults(apiVersion: string, path: string): StatusCause[] {
  if (apiVersion === '') return [required(path)]
  const parts = apiVersion.split('/')
  if (parts.length > 2) return [invalid(path, apiVersion, `unexpected GroupVersion string: ${apiVersion}`)]
  const [group, version = ''] = parts.length === 2 ? parts : ['', ...parts]
  const wrong = group ? isDns1123Subdomain(group) : []
  const faults = wrong.length > 0 ? [invalid(path, group, wrong.join(','))] : []
  if (version === '') return [...faults, invalid(path, apiVersion, 'version must be specified')]
  const bad = isDns1035Label(version)
  return bad.length > 0 ? [...faults, invalid(path, version, bad.join(','))] : faults
}

function kindFaults(kind: string, path: string): StatusCause[] {
  if (kind === '') return [required(path)]
  const wrong = isDns1035Label(kind.toLowerCase())
  const why = `may have mixed case, but should otherwise match: ${wrong.join(',')}`
  return wrong.length > 0 ? [invalid(path, kind, why)] : []
}

/** Which parameters a binding uses (validateParamRef). */
export function validateParamRef({ name, selector, parameterNotFoundAction }: ParamRef, path: string): StatusCause[] {
  const exclusive = 'name and selector are mutually exclusive'
  const both = Boolean(name) && selector !== undefined
  return [
    ...(name ? invalidFor(child(path, 'name'), name, isPathSegmentName(name)) : []),
    ...(both ? [forbidden(child(path, 'name'), exclusive)] : []),
    ...(selector ? validateLabelSelector(selector, child(path, 'selector')) : []),
    ...(both ? [forbidden(child(path, 'selector'), exclusive)] : []),
    ...(!name && !selector ? [required(path, 'one of name or selector must be specified')] : []),
    ...oneOf(child(path, 'parameterNotFoundAction'), parameterNotFoundAction, ['Deny', 'Allow']),
  ]
}
