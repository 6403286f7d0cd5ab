import type { Message } from './i18n/message.ts'
import { LinkLost } from './link.ts'

/** What went wrong: in the server's words, or in the window's where it could not be asked. */
export function errorText(error: unknown): Message | string {
  if (error instanceof LinkLost) return { key: 'engine.lost' }
  return error instanceof Error ? error.message : String(error)
}
