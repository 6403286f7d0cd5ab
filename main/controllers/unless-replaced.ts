import { isNotFound, StatusError } from '../../shared/machinery/status.ts'

/** What a patch that names a uid gives; undefined if the object is gone or another has its name: a patch can't change the uid. */
export async function unlessReplaced<T>(patched: Promise<T>): Promise<T | undefined> {
  try {
    return await patched
  } catch (error) {
    if (isNotFound(error) || (error instanceof StatusError && error.reason === 'Invalid')) return undefined
    throw error
  }
}
