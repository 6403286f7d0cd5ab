/** Structured logging: the message is constant, what varies is in `fields`, keyed in Kubernetes' words. Never a secret. */
export interface Logger {
  error(message: string, fields?: Record<string, unknown>): void
  info(message: string, fields?: Record<string, unknown>): void
  debug(message: string, fields?: Record<string, unknown>): void
  with(fields: Record<string, unknown>): Logger
}

/** Drops everything; for tests and for code that has nobody to tell. */
export const silent: Logger = { error() {}, info() {}, debug() {}, with: () => silent }
