import type { MessageKey } from '../i18n/message.ts'

/** Why an image can't be had, by the registry's or the engine's own words. */
export function imageFault(reason: string, message: string): { key: MessageKey; sure: boolean } {
  if (reason === 'ErrImageNeverPull') return { key: 'why.image.never', sure: true }
  if (reason === 'InvalidImageName') return { key: 'why.image.name', sure: true }
  if (
    /no such host|connection refused|i\/o timeout|network is unreachable|TLS|certificate|EOF|deadline exceeded/i.test(
      message,
    )
  ) {
    return { key: 'why.image.unreachable', sure: true }
  }
  if (/toomanyrequests|rate limit/i.test(message)) return { key: 'why.image.limit', sure: true }
  // Registries answer "denied" for images that don't exist, too.
  if (/denied|unauthorized|forbidden|authentication/i.test(message)) return { key: 'why.image.denied', sure: false }
  if (/not found|manifest unknown|does not exist|no such image/i.test(message))
    return { key: 'why.image.missing', sure: true }
  return { key: 'why.image.other', sure: false }
}
