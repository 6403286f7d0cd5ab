import type { CertificateRequest } from '../../../shared/machinery/certificate-request.ts'

const clientUsages = ['client auth', 'digital signature', 'key encipherment']
const servingUsages = ['digital signature', 'key encipherment', 'server auth']

/** Why a request is none for a kubelet's client certificate (pkg/apis/certificates/helpers.go). */
export function kubeletClientFault(request: CertificateRequest, usages: readonly string[]): string | undefined {
  const { organizations, dnsNames, emails, ips, uris, commonName } = request
  if (organizations.join() !== 'system:nodes') return 'subject organization is not system:nodes'
  if (dnsNames.length > 0) return 'DNS subjectAltNames are not allowed'
  if (emails.length > 0) return 'Email subjectAltNames are not allowed'
  if (ips.length > 0) return 'IP subjectAltNames are not allowed'
  if (uris.length > 0) return 'URI subjectAltNames are not allowed'
  if (!commonName.startsWith('system:node:')) return 'subject common name does not begin with system:node:'
  return usagesFault(usages, clientUsages)
}

/** Why a request is none for the certificate that a kubelet serves with. */
export function kubeletServingFault(request: CertificateRequest, usages: readonly string[]): string | undefined {
  const { organizations, dnsNames, emails, ips, uris, commonName } = request
  if (organizations.join() !== 'system:nodes') return 'subject organization is not system:nodes'
  if (dnsNames.length + ips.length === 0) return 'DNS or IP subjectAltName is required'
  if (emails.length > 0) return 'Email subjectAltNames are not allowed'
  if (uris.length > 0) return 'URI subjectAltNames are not allowed'
  const wrong = usagesFault(usages, servingUsages)
  if (wrong !== undefined) return wrong
  return commonName.startsWith('system:node:') ? undefined : 'subject common name does not begin with system:node:'
}

/** Why the usages do not fit a client of the API server. */
export function clientUsagesFault(usages: readonly string[]): string | undefined {
  const strange = usages.find(usage => !clientUsages.includes(usage))
  if (strange !== undefined) return `invalid usage for client certificate: ${strange}`
  return usages.includes('client auth') ? undefined : 'missing required usage for client certificate: client auth'
}

/** All of them, or all but key encipherment, which only RSA has. */
function usagesFault(usages: readonly string[], wanted: readonly string[]): string | undefined {
  const given = new Set(usages)
  const missing = wanted.filter(usage => !given.has(usage))
  const fits = [...given].every(usage => wanted.includes(usage)) && missing.every(usage => usage === 'key encipherment')
  return fits ? undefined : `usages did not match [${wanted.join(' ')}]`
}
