import { X509Certificate } from 'node:crypto'
import {
  signers,
  type CertificateSigningRequest,
  type CertificateSigningRequestCondition,
} from '../../../shared/api/certificates.ts'
import type { StatusCause } from '../../../shared/api/object.ts'
import {
  child,
  duplicate,
  forbidden,
  index,
  invalid,
  notSupported,
  quote,
  required,
} from '../../../shared/machinery/field-errors.ts'
import { jsonEqual } from '../../../shared/machinery/json-value.ts'
import { repeats } from '../faults.ts'
import { validateSignerName } from './signer-name.ts'
import { requestFault } from './signature.ts'

const usages = [
  'any',
  'cert sign',
  'client auth',
  'code signing',
  'content commitment',
  'crl sign',
  'data encipherment',
  'decipher only',
  'digital signature',
  'email protection',
  'encipher only',
  'ipsec end system',
  'ipsec tunnel',
  'ipsec user',
  'key agreement',
  'key encipherment',
  'microsoft sgc',
  'netscape sgc',
  'ocsp signing',
  's/mime',
  'server auth',
  'signing',
  'timestamping',
]
const statuses = ['False', 'True', 'Unknown']
const final = ['Approved', 'Denied', 'Failed']

/** What is wrong with a new request (pkg/apis/certificates/validation). */
export function validateCreate(object: CertificateSigningRequest): StatusCause[] {
  return validate(object, undefined)
}

/**
 * What is wrong with a changed request. `changes` is what the way of the change may touch: the decision (approval) or the
 * certificate (status). What was wrong before may stay so.
 */
export function validateUpdate(
  object: CertificateSigningRequest,
  old: CertificateSigningRequest,
  changes: 'nothing' | 'decision' | 'certificate',
): StatusCause[] {
  const path = 'status.conditions'
  const faults = validate(object, old)
  for (const type of final) {
    const [before, after] = [ofType(old, type), ofType(object, type)]
    if (after.length < before.length)
      faults.push(forbidden(path, `updates may not remove a condition of type ${quote(type)}`))
    if (changes === 'decision' || type === 'Failed') continue
    if (after.length > before.length)
      faults.push(forbidden(path, `updates may not add a condition of type ${quote(type)}`))
    if (after.length === before.length && !jsonEqual(after, before))
      faults.push(forbidden(path, `updates may not modify a condition of type ${quote(type)}`))
  }
  const [before = '', after = ''] = [old.status?.certificate, object.status?.certificate]
  if (before === after) return faults
  if (changes !== 'certificate')
    return [...faults, forbidden('status.certificate', 'updates may not set certificate content')]
  return before === ''
    ? faults
    : [...faults, forbidden('status.certificate', 'updates may not modify existing certificate content')]
}

const conditionsOf = (object: CertificateSigningRequest | undefined) => object?.status?.conditions ?? []

function ofType(object: CertificateSigningRequest, type: string): CertificateSigningRequestCondition[] {
  return conditionsOf(object).filter(condition => condition.type === type)
}

function validate(object: CertificateSigningRequest, old: CertificateSigningRequest | undefined): StatusCause[] {
  const { spec } = object
  const asked = spec.usages ?? []
  const repeated = repeats(asked, usage => usage)
  // Absent in what a client may send, whatever the type says.
  const { expirationSeconds: seconds, signerName = '', request } = spec as Partial<CertificateSigningRequest['spec']>
  const isLegacy = signerName === signers.legacy && old?.spec.signerName !== signers.legacy
  const fault = old ? undefined : requestFault(request ?? '')
  const tooShort = 'may not specify a duration less than 600 seconds (10 minutes)'
  return [
    ...(fault === undefined ? [] : [invalid('spec.request', request, fault)]),
    ...(asked.length === 0 ? [required('spec.usages')] : []),
    ...asked.flatMap((usage, i) => [
      ...(usages.includes(usage) ? [] : [notSupported(index('spec.usages', i), usage, usages)]),
      ...(repeated[i] ? [duplicate(index('spec.usages', i), usage)] : []),
    ]),
    ...(isLegacy
      ? [invalid('spec.signerName', signerName, 'the legacy signerName is not allowed via this API version')]
      : validateSignerName('spec.signerName', signerName)),
    ...(seconds !== undefined && seconds < 600 ? [invalid('spec.expirationSeconds', seconds, tooShort)] : []),
    ...validateConditions(object, old),
    ...validateCertificate(object.status?.certificate, old?.status?.certificate),
  ]
}

function validateConditions(
  object: CertificateSigningRequest,
  old: CertificateSigningRequest | undefined,
): StatusCause[] {
  const path = 'status.conditions'
  const conditions = conditionsOf(object)
  const repeated = repeats(conditions, ({ type }) => type)
  const hasBoth = (all: CertificateSigningRequestCondition[]) =>
    ['Approved', 'Denied'].every(decision => all.some(({ type }) => type === decision))
  const second = conditions.filter(({ type }) => type === 'Approved' || type === 'Denied').at(1)
  const exclusive = 'Approved and Denied conditions are mutually exclusive'
  return [
    ...conditions.flatMap(({ type, status }, i) => [
      ...(type ? [] : [required(child(index(path, i), 'type'))]),
      ...validateStatus(child(index(path, i), 'status'), { type, status }),
      ...(repeated[i] && !hasRepeats(old) ? [duplicate(child(index(path, i), 'type'), type)] : []),
    ]),
    ...(hasBoth(conditions) && !hasBoth(conditionsOf(old)) ? [invalid(path, second?.type, exclusive)] : []),
  ]
}

const hasRepeats = (old: CertificateSigningRequest | undefined) =>
  repeats(conditionsOf(old), ({ type }) => type).includes(true)

function validateStatus(path: string, { type, status }: { type: string; status: string }): StatusCause[] {
  const allowed = final.includes(type) ? ['True'] : statuses
  if (!status) return [required(path)]
  return allowed.includes(status) ? [] : [notSupported(path, status, allowed)]
}

/** `certificate` is PEM in base64: one certificate or a chain, and nothing else. */
function validateCertificate(certificate = '', before = ''): StatusCause[] {
  if (certificate === '' || certificate === before) return []
  const fault = certificateFault(Buffer.from(certificate, 'base64').toString())
  return fault === undefined ? [] : [invalid('status.certificate', '<certificate data>', fault)]
}

function certificateFault(pem: string): string | undefined {
  const blocks = [...pem.matchAll(/-----BEGIN ([^-\n]+)-----\n([^]*?)-----END \1-----/g)]
  if (blocks.length === 0) return 'must contain at least one CERTIFICATE PEM block'
  for (const [block, type = '', content = ''] of blocks) {
    if (type !== 'CERTIFICATE') return `only CERTIFICATE PEM blocks are allowed, found ${quote(type)}`
    if (content.includes(':')) return 'no PEM block headers are permitted'
    try {
      new X509Certificate(block)
    } catch {
      return 'x509: malformed certificate'
    }
  }
  return undefined
}
