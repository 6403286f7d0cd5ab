import type { KubeObject } from '../../../shared/api/object.ts'
import { badRequest } from '../../../shared/machinery/status.ts'
import { goValue, isObject } from '../../../shared/machinery/json-value.ts'
import { answerValue } from '../codec/answer.ts'
import { readDecoded } from '../codec/body.ts'
import { asTyped } from '../codec/decode-object.ts'
import { deletionOptions } from '../registry/deletion-options.ts'
import { isDryRun } from '../verbs/resource-call.ts'
import { admitPosted } from './admit.ts'
import { evictPod } from './evict-pod.ts'
import type { Subresource } from './subresource.ts'

const evictionKind = { group: 'policy', version: 'v1', kind: 'Eviction' }

interface Eviction {
  deleteOptions?: object
}

const ambiguous = {
  status: 'Failure',
  message: 'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
  code: 500,
}

/** `pods/eviction`: a deletion that a disruption budget may refuse (registry/core/pod/storage/eviction.go). */
export const evictionSubresource: Subresource = {
  name: 'eviction',
  kind: 'Eviction',
  group: 'policy',
  version: 'v1',
  verbs: {
    async create(call) {
      const { request } = call.context
      const decoded = await readDecoded(request, { strict: false })
      const eviction = asTyped('io.k8s.api.policy.v1.Eviction', decoded?.value)
      const metadata = isObject(eviction.metadata) ? eviction.metadata : {}
      if (metadata.name !== call.name) {
        throw badRequest(
          `name in URL does not match name in Eviction object: ${call.name} vs ${goValue(metadata.name)}`,
        )
      }
      const { dryRun: asked = [] } = deletionOptions(eviction.deleteOptions ?? {}, request.query)
      const dryRun = isDryRun([...request.query.getAll('dryRun'), ...asked])
      const object = { ...eviction, apiVersion: 'policy/v1', kind: 'Eviction', metadata } as unknown as KubeObject &
        Eviction
      const core = await admitPosted(call, { object, kind: evictionKind, dryRun })
      const options = deletionOptions(object.deleteOptions ?? {}, request.query)
      const outcome = await evictPod(call, { core, options, dryRun })
      const answer = outcome === 'ambiguous' ? ambiguous : { status: 'Success', code: 201 }
      return answerValue(request, 201, { kind: 'Status', apiVersion: 'v1', metadata: {}, ...answer })
    },
  },
}
