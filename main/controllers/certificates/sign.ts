import {
  certificateSigningRequests,
  signers,
  type CertificateSigningRequest,
} from '../../../shared/api/certificates.ts'
import type { Controller } from '../../../shared/client/controller.ts'
import { each } from '../../../shared/client/watches.ts'
import { parseCertificateRequest } from '../../../shared/machinery/certificate-request.ts'
import { toTime } from '../../../shared/machinery/clock.ts'
import type { Signer } from '../signer.ts'
import { conditionOf } from './decision.ts'
import { clientUsagesFault, kubeletClientFault, kubeletServingFault } from './kubelet-request.ts'

/** Upstream's --cluster-signing-duration, and the least that is given. */
const longest = 365 * 24 * 60 * 60_000
const shortest = 10 * 60_000

/** Fulfils approved requests to the cluster's own signers (pkg/controller/certificates/signer). */
export function certificateSigningController({ signer }: { signer: Pick<Signer, 'certificate'> }): Controller {
  return {
    name: 'csrsigning',
    watches: [each(certificateSigningRequests)],

    async reconcile(key, { client, informers, clock }) {
      const object = informers.informer(certificateSigningRequests).get(key)
      if (!object || object.status?.certificate || !conditionOf(object, 'Approved') || conditionOf(object, 'Failed'))
        return
      const { request, usages = [], signerName, expirationSeconds } = object.spec
      if (!(Object.values(signers) as string[]).includes(signerName)) return
      const { conditions = [] } = object.status ?? {}
      const message = faultOf(object)
      if (message !== undefined) {
        const lastUpdateTime = toTime(clock.now())
        const failed = { type: 'Failed', status: 'True', reason: 'SignerValidationFailure', message, lastUpdateTime }
        await client.update(
          certificateSigningRequests,
          { ...object, status: { ...object.status, conditions: [...conditions, failed] } },
          'status',
        )
        return
      }
      const asked = expirationSeconds === undefined ? longest : expirationSeconds * 1000
      const duration = Math.min(Math.max(asked, shortest), longest)
      const pem = await signer.certificate({ request: atob(request), usages, duration })
      await client.update(
        certificateSigningRequests,
        { ...object, status: { ...object.status, certificate: btoa(pem) } },
        'status',
      )
    },
  }
}

/** Why the signer will not sign what is approved. */
function faultOf({ spec }: CertificateSigningRequest): string | undefined {
  const { signerName, usages = [] } = spec
  switch (signerName) {
    case signers.kubeletClient:
      return kubeletClientFault(parseCertificateRequest(spec.request), usages)
    case signers.kubeletServing:
      return kubeletServingFault(parseCertificateRequest(spec.request), usages)
    case signers.client:
      return clientUsagesFault(usages)
    default:
      return undefined
  }
}
