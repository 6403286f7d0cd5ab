import type { KubeObject } from '../../../shared/api/object.ts'
import type { Admission, ObjectKind } from '../admission/admission.ts'
import type { Core } from '../registry/core.ts'
import { writeOf, type ResourceCall } from '../verbs/resource-call.ts'

interface Posted {
  object: KubeObject
  kind: ObjectKind
  dryRun?: boolean
}

const admitted: Admission = { mutate: () => Promise.resolve(), validate: () => Promise.resolve() }

/**
 * Admits what is posted below an object and never stored: an Eviction, a Binding, a TokenRequest, which plugins may change.
 * Gives the core for the write that it stands for, which is admitted with it. Throws the first refusal.
 */
export async function admitPosted(call: ResourceCall, { object, kind, dryRun }: Posted): Promise<Core> {
  const write = writeOf(call, dryRun === undefined ? {} : { dryRun })
  const request = { ...write, operation: 'CREATE', object, old: undefined, kind } as const
  await call.core.admission.mutate(request)
  await call.core.admission.validate(request)
  return { ...call.core, admission: admitted }
}
