import type { KubeObject } from '../../../shared/api/object.ts'
import { conflict } from '../../../shared/machinery/status.ts'
import { subjectOf, type Write } from './core.ts'
import type { DeletionOptions } from './deletion-options.ts'

/** Throws 409 unless a deletion is of the object, and of the revision, that its options name (apiserver/pkg/storage Preconditions.Check). */
export function checkPreconditions(
  { resource, name }: Pick<Write, 'resource' | 'name'>,
  { preconditions }: DeletionOptions,
  { metadata }: KubeObject,
): void {
  const { uid, resourceVersion } = preconditions ?? {}
  // Upstream names the kind where other conflicts name the resource (registry/rest/delete.go BeforeDelete).
  const subject = { ...subjectOf(resource, name), resource: resource.ref.kind }
  if (uid && uid !== metadata.uid) {
    const why = `the UID in the precondition (${uid}) does not match the UID in record (${metadata.uid}). The object might have been deleted and then recreated`
    throw conflict(subject, why)
  }
  if (resourceVersion && resourceVersion !== metadata.resourceVersion) {
    const why = `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${metadata.resourceVersion ?? ''}). The object might have been modified`
    throw conflict(subject, why)
  }
}
