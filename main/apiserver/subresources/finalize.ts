import type { KubeObject } from '../../../shared/api/object.ts'
import { invalid } from '../../../shared/machinery/status.ts'
import { validateFinalize } from '../../resources/core/namespace.ts'
import { answerObject } from '../codec/answer.ts'
import { readDecoded } from '../codec/body.ts'
import { decodeObject, fieldValidationOf } from '../codec/decode-object.ts'
import { updateObject } from '../registry/update.ts'
import { fieldManagerOf } from '../verbs/field-manager.ts'
import { writeOf } from '../verbs/resource-call.ts'
import type { Subresource } from './subresource.ts'

/** `namespaces/finalize`: the only way to change spec.finalizers (registry/core/namespace, FinalizeREST). */
export const finalizeSubresource: Subresource = {
  name: 'finalize',
  kind: 'Namespace',
  verbs: {
    async update(call) {
      const { core, context, resource } = call
      const write = writeOf(call, { manager: fieldManagerOf(context.request, 'UpdateOptions') })
      const validation = fieldValidationOf(context.request.query)
      const decoded = await readDecoded(context.request, { strict: validation !== 'Ignore' })
      const given = decodeObject(decoded, { resource, validation, warn: write.warn }) as KubeObject & { spec?: object }
      const entry = await updateObject(core, write, old => {
        const { metadata, spec } = structuredClone(given)
        const { status } = structuredClone(old) as KubeObject & { status?: object }
        const next = { ...given, metadata, ...(spec && { spec }), ...(status && { status }) }
        const causes = validateFinalize(next)
        if (causes.length > 0) throw invalid({ ...resource.ref, name: metadata.name }, causes)
        return next
      })
      return answerObject({ request: context.request, resource, status: 200, entry, now: core.clock.now() })
    },
  },
}
