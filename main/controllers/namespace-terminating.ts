import { StatusError } from '../../shared/machinery/status.ts'

/** The namespace is going, so nothing can be created in it and nothing need be (cause NamespaceTerminating of a 403). */
export function isNamespaceTerminating(error: unknown): boolean {
  const causes = error instanceof StatusError ? error.status.details?.causes : undefined
  return causes?.some(cause => cause.reason === 'NamespaceTerminating') ?? false
}
