import { isNotFound } from '../machinery/status.ts'

/** What a request about an object gives; undefined if there is no such object, or not any more. */
export async function unlessGone<T>(request: Promise<T>): Promise<T | undefined> {
  try {
    return await request
  } catch (error) {
    if (isNotFound(error)) return undefined
    throw error
  }
}
