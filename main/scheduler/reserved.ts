/** What a pod will have on its node: taken at once, so that the next pod does not count on it, until disposed of. */
export interface Reserved extends Disposable {
  /** Has it written, and waits for others who have a part in it; rejects if that fails. */
  bind(signal: AbortSignal): Promise<void>
}
