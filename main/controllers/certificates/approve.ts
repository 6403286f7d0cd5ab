import { subjectAccessReviews, type SubjectAccessReview } from '../../../shared/api/authorization.ts'
import {
  certificateSigningRequests,
  signers,
  type CertificateSigningRequest,
} from '../../../shared/api/certificates.ts'
import { pathOf } from '../../../shared/api/ref.ts'
import type { Client } from '../../../shared/client/client.ts'
import type { Controller } from '../../../shared/client/controller.ts'
import { each } from '../../../shared/client/watches.ts'
import { parseCertificateRequest } from '../../../shared/machinery/certificate-request.ts'
import { conditionOf } from './decision.ts'
import { kubeletClientFault } from './kubelet-request.ts'

/**
 * Approves the client certificates that kubelets ask for, if who asks has the right to one of its own or to any
 * (pkg/controller/certificates/approver).
 */
export const certificateApprovingController: Controller = {
  name: 'csrapproving',
  watches: [each(certificateSigningRequests)],

  async reconcile(key, { client, informers }) {
    const object = informers.informer(certificateSigningRequests).get(key)
    if (!object || object.status?.certificate || conditionOf(object, 'Approved') || conditionOf(object, 'Denied'))
      return
    const { request: pem, usages = [], signerName, username } = object.spec
    if (signerName !== signers.kubeletClient) return
    const request = parseCertificateRequest(pem)
    if (kubeletClientFault(request, usages) !== undefined) return
    if (username === request.commonName && (await may(client, object, 'selfnodeclient')))
      await approve(client, object, 'Auto approving self kubelet client certificate after SubjectAccessReview.')
    else if (await may(client, object, 'nodeclient'))
      await approve(client, object, 'Auto approving kubelet client certificate after SubjectAccessReview.')
  },
}

async function may({ transport }: Client, { spec }: CertificateSigningRequest, subresource: string): Promise<boolean> {
  const { username: user = '', uid, groups = [], extra } = spec
  const { group, resource } = certificateSigningRequests
  const asked = { user, groups, ...(uid && { uid }), ...(extra && { extra }) }
  const review = await transport.request<SubjectAccessReview>({
    method: 'POST',
    path: pathOf(subjectAccessReviews),
    body: { spec: { ...asked, resourceAttributes: { group, resource, subresource, verb: 'create', version: '*' } } },
  })
  return review.status?.allowed ?? false
}

async function approve({ transport }: Client, object: CertificateSigningRequest, message: string): Promise<void> {
  const { name } = object.metadata
  const approved = { type: 'Approved', status: 'True', reason: 'AutoApproved', message }
  const conditions = [...(object.status?.conditions ?? []), approved]
  const path = pathOf(certificateSigningRequests, { name, subresource: 'approval' })
  await transport.request({ method: 'PUT', path, body: { ...object, status: { ...object.status, conditions } } })
}
