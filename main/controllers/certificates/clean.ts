import { certificateSigningRequests, type CertificateSigningRequest } from '../../../shared/api/certificates.ts'
import type { Controller } from '../../../shared/client/controller.ts'
import { each } from '../../../shared/client/watches.ts'
import { unlessGone } from '../../../shared/client/unless-gone.ts'
import { conditionOf } from './decision.ts'

const hour = 60 * 60_000
/** How long requests are kept once they are decided on, and while they are not. */
const periods = { settled: hour, pending: 24 * hour }

/** Removes requests that have served their time (pkg/controller/certificates/cleaner), when it is over instead of by the hour. */
export const certificateCleanerController: Controller = {
  name: 'csrcleaner',
  watches: [each(certificateSigningRequests)],

  async reconcile(key, { client, informers, clock }) {
    const object = informers.informer(certificateSigningRequests).get(key)
    if (!object || object.metadata.deletionTimestamp) return undefined
    const left = endOf(object) - clock.now()
    if (left === Infinity) return undefined
    if (left > 0) return { requeueAfter: left }
    const preconditions = { uid: object.metadata.uid }
    await unlessGone(client.delete(certificateSigningRequests, key, { preconditions }))
    return undefined
  },
}

/** Milliseconds since the epoch. */
function endOf(object: CertificateSigningRequest): number {
  const { creationTimestamp } = object.metadata
  const isIssued = Boolean(object.status?.certificate)
  const ends = [
    { since: conditionOf(object, 'Approved')?.lastUpdateTime, period: isIssued ? periods.settled : periods.pending },
    { since: conditionOf(object, 'Denied')?.lastUpdateTime, period: periods.settled },
    { since: conditionOf(object, 'Failed')?.lastUpdateTime, period: periods.settled },
    { since: object.status?.conditions?.length ? undefined : creationTimestamp, period: periods.pending },
  ]
  return Math.min(...ends.map(({ since, period }) => (since ? Date.parse(since) + period : Infinity)))
}
