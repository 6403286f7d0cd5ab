/** The promise's value, or a rejection with the signal's reason if that comes first. The work itself may go on. */
export async function abortable<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  // Whoever gives up on it does not hear how it ends.
  work.catch(() => undefined)
  signal.throwIfAborted()
  const cut = Promise.withResolvers<never>()
  const abort = () => cut.reject(signal.reason as Error)
  signal.addEventListener('abort', abort)
  try {
    return await Promise.race([work, cut.promise])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}
