import type { KubeObject } from '../../../shared/api/object.ts'
import { invalid } from '../../../shared/machinery/status.ts'
import { answerValue } from '../codec/answer.ts'
import { readDecoded } from '../codec/body.ts'
import { decodeObject, fieldValidationOf } from '../codec/decode-object.ts'
import { placeInNamespace } from '../registry/create.ts'
import type { Act } from '../subresources/subresource.ts'
import { isDryRun, type ResourceCall } from '../verbs/resource-call.ts'

/**
 * POST of a kind that is created and never stored: reads and checks the object, lets `answer` fill it in, and sends it
 * back with 201.
 */
export function review<T extends KubeObject>(answer: (object: T, call: ResourceCall) => object | Promise<object>): Act {
  return async call => {
    const { context, resource } = call
    const { request } = context
    // There is nothing that a dry run would not do, but its value must be known.
    isDryRun(request.query.getAll('dryRun'))
    const validation = fieldValidationOf(request.query)
    const decoded = await readDecoded(request, { strict: validation !== 'Ignore' })
    const object = decodeObject(decoded, { resource, validation, warn: text => context.warnings.push(text) }) as T
    placeInNamespace(object, call)
    const causes = resource.validate?.(object) ?? []
    // Upstream names neither the kind nor an object (pkg/registry/authorization).
    if (causes.length > 0) throw invalid({ group: resource.ref.group, kind: '', name: '' }, causes)
    return answerValue(request, 201, await answer(object, call))
  }
}
