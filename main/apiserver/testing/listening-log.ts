import type { Logger } from '../../../shared/machinery/log.ts'

/** A log that keeps what goes wrong, for tests that nothing may. */
export function listeningLog(): { errors: string[]; log: Logger } {
  const errors: string[] = []
  const log: Logger = {
    error: (text, keys) => void errors.push(`${text} ${JSON.stringify(keys)}`),
    info() {},
    debug() {},
    with: () => log,
  }
  return { errors, log }
}
