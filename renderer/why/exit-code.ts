import type { MessageKey } from '../i18n/message.ts'

/** What an exit code usually means: shells' 126 and 127, and 128 plus the number of a signal. */
export function exitMeaning(code: number): MessageKey {
  switch (code) {
    case 0:
      return 'why.exit.ended'
    case 126:
      return 'why.exit.notExecutable'
    case 127:
      return 'why.exit.notFound'
    case 134:
      return 'why.exit.aborted'
    case 137:
      return 'why.exit.killed'
    case 139:
      return 'why.exit.segfault'
    case 143:
      return 'why.exit.terminated'
    default:
      return 'why.exit.code'
  }
}
