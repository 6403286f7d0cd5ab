import { signers, type CertificateSigningRequest } from '../../../shared/api/certificates.ts'
import { quote } from '../../../shared/machinery/field-errors.ts'
import { jsonEqual } from '../../../shared/machinery/json-value.ts'
import { parseCertificateRequest } from '../../../shared/machinery/certificate-request.ts'
import { forbidden, type StatusError } from '../../../shared/machinery/status.ts'
import { privileged, type Authorizer } from '../filters/authorize.ts'
import { subjectOf } from '../registry/core.ts'
import type { UserInfo } from '../request.ts'
import type { AdmissionPlugin, AdmissionRequest } from './admission.ts'

/**
 * Who may ask for, approve and sign certificates (plugin/pkg/admission/certificates): a request names its author, whatever
 * it says itself, and nobody gets into system:masters by the client signer; approving and signing need a right for the
 * signer.
 */
export function certificateAdmission(authorizer: Authorizer): AdmissionPlugin {
  return {
    name: 'CertificateApproval',
    mutate(request) {
      if (isRequest(request) && request.operation === 'CREATE' && request.subresource === '')
        nameAuthor(request.object as CertificateSigningRequest, request.user)
      return undefined
    },
    validate(request) {
      const { operation, subresource } = request
      if (!isRequest(request)) return undefined
      if (operation === 'CREATE') return subresource === '' ? restrictSubject(request) : undefined
      if (operation !== 'UPDATE') return undefined
      if (subresource === 'approval') return allowSigner(authorizer, request, 'approve')
      return subresource === 'status' && decides(request) ? allowSigner(authorizer, request, 'sign') : undefined
    },
  }
}

function isRequest({ resource: { ref } }: AdmissionRequest): boolean {
  return ref.group === 'certificates.k8s.io' && ref.resource === 'certificatesigningrequests'
}

function nameAuthor({ spec }: CertificateSigningRequest, { name, uid, groups, extra }: UserInfo): void {
  spec.username = name
  spec.groups = [...groups]
  if (uid) spec.uid = uid
  else delete spec.uid
  if (extra) spec.extra = Object.fromEntries(Object.entries(extra).map(([key, values]) => [key, [...values]]))
  else delete spec.extra
}

function restrictSubject({ resource, name, object }: AdmissionRequest): StatusError | undefined {
  const { spec } = object as CertificateSigningRequest
  if (spec.signerName !== signers.client) return undefined
  if (!parseCertificateRequest(spec.request).organizations.includes(privileged)) return undefined
  const why = `use of ${signers.client} signer with ${privileged} group is not allowed`
  return forbidden(subjectOf(resource, name), why)
}

function decides({ object, old }: AdmissionRequest): boolean {
  const [after, before] = [object, old].map(request => (request as CertificateSigningRequest).status)
  return after?.certificate !== before?.certificate || !jsonEqual(after?.conditions ?? [], before?.conditions ?? [])
}

/** A right for one signer, or for all of its domain. */
async function allowSigner(
  authorizer: Authorizer,
  { resource, name, old, user }: AdmissionRequest,
  verb: 'approve' | 'sign',
): Promise<StatusError | undefined> {
  const { signerName } = (old as CertificateSigningRequest).spec
  const asked = { isResource: true, path: '', verb, group: 'certificates.k8s.io', version: '*', namespace: '' } as const
  for (const signer of [signerName, `${signerName.split('/', 1)[0] ?? ''}/*`]) {
    const info = { ...asked, resource: 'signers', subresource: '', name: signer, rest: '' }
    if ((await authorizer.authorize(user, info)).allowed) return undefined
  }
  const why = `user not permitted to ${verb} requests with signerName ${quote(signerName)}`
  return forbidden(subjectOf(resource, name), why)
}
