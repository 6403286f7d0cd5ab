import type { CertificateSigningRequest } from '../../../shared/api/certificates.ts'

/** The condition of a type, if it stands: all of a request's decisions are for good. */
export function conditionOf({ status }: CertificateSigningRequest, type: 'Approved' | 'Denied' | 'Failed') {
  return status?.conditions?.find(condition => condition.type === type)
}
