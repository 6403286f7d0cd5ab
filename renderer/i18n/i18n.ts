import { createI18n } from 'vue-i18n'
import en from './en.ts'
import type { Messages } from './message.ts'

export type Locale = 'en' | 'zh-CN'
export const locales: readonly { id: Locale; name: string }[] = [
  { id: 'en', name: 'English' },
  { id: 'zh-CN', name: '简体中文' },
]

// English is here from the start, the others come when they are chosen.
const options = {
  legacy: false as const,
  locale: 'en',
  fallbackLocale: 'en',
  messages: { en } as Record<Locale, Messages>,
}

export const i18n = createI18n<[Messages], Locale, false>(options)

/** Loads a language on first use and switches to it. */
export async function useLocale(locale: Locale): Promise<void> {
  if (locale !== 'en' && !i18n.global.availableLocales.includes(locale)) {
    i18n.global.setLocaleMessage(locale, (await import('./zh-CN.ts')).default)
  }
  i18n.global.locale.value = locale
  document.documentElement.lang = locale
}

/** The locale that fits what the system prefers. */
export function systemLocale(languages: readonly string[]): Locale {
  return languages[0]?.toLowerCase().startsWith('zh') ? 'zh-CN' : 'en'
}
